/** Two notes for a new call. Browsers let a page sound only after somebody touched it; signing in is such a touch. */
const KEY = "console.muted";
let context = null;

export const isMuted = () => localStorage.getItem(KEY) === "yes";

export function setMuted(muted) {
  localStorage.setItem(KEY, muted ? "yes" : "no");
  if (!muted) allow();
}

/** Call from a click or a key. */
export function allow() {
  if (!("AudioContext" in window)) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
}

/** Whether a call could be heard now. */
export const canSound = () => context?.state === "running";

export function ring() {
  if (isMuted() || !canSound()) return false;
  [660, 880, 660, 880].forEach((pitch, index) => note(pitch, context.currentTime + index * 0.22));
  return true;
}

function note(pitch, at) {
  const [tone, loudness] = [context.createOscillator(), context.createGain()];
  tone.frequency.value = pitch;
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(0.25, at + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
  tone.connect(loudness).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.21);
}
