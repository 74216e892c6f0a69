/** Spoken guidance, where the browser has a voice for the language. The same words always stand on the screen. */
const synthesis = globalThis.speechSynthesis;

export const canSpeak = () => synthesis !== undefined;

/** @param {{text: string, language: string}[]} words said one after the other, in place of whatever is being said */
export function say(words) {
  if (!synthesis) return;
  synthesis.cancel();
  for (const { text, language } of inOneBreath(words)) {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = language;
    const voice = synthesis.getVoices().find((candidate) => candidate.lang.toLowerCase().startsWith(language));
    if (voice) utterance.voice = voice;
    synthesis.speak(utterance);
  }
}

/** Neighbours of one language together. Pure. */
export function inOneBreath(words) {
  const joined = [];
  for (const { text, language } of words.filter(({ text }) => text)) {
    const last = joined.at(-1);
    if (last?.language === language) last.text += `. ${text}`;
    else joined.push({ text, language });
  }
  return joined;
}

export const hush = () => synthesis?.cancel();
