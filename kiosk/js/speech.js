/** Spoken guidance, where the browser has a voice for the language. The same words always stand on the screen. */
const synthesis = globalThis.speechSynthesis;

export const canSpeak = () => synthesis !== undefined;

export function say(text, language) {
  if (!synthesis || !text) return;
  synthesis.cancel();
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = language;
  const voice = synthesis.getVoices().find((candidate) => candidate.lang.toLowerCase().startsWith(language));
  if (voice) utterance.voice = voice;
  synthesis.speak(utterance);
}

export const hush = () => synthesis?.cancel();
