/**
 * When has the customer finished speaking? Pure: level by level, against a noise floor that follows the quiet moments.
 */
export const MAX_SECONDS = 15;
export const SILENCE_SECONDS = 1.6; // longer than the breath between the sentence and the digits
export const NOTHING_SECONDS = 6; // without a voice: stop and say so, no attempt used
const SPEECH_SECONDS = 1.2; // a cough is not the phrase
const OVER_FLOOR = 3; // about 10 dB
const QUIETEST = 0.008; // of full scale; below it nothing counts as a voice

export const listening = () => ({ elapsed: 0, floor: null, speech: 0, silence: 0, done: null });

/**
 * @param {ReturnType<typeof listening>} state
 * @param {number} level root mean square, 0…1, @param {number} seconds that it covers
 * @returns a new state; `done` is null, "spoken", "nothing" or "full"
 */
export function hear(state, level, seconds) {
  const elapsed = state.elapsed + seconds;
  const voiced = level > Math.max(QUIETEST, (state.floor ?? 0) * OVER_FLOOR);
  // Down quickly, up slowly: speech does not raise the floor, a fan that starts does in the end.
  const floor = state.floor === null ? Math.min(level, QUIETEST) : state.floor + (level - state.floor) * (level < state.floor ? 0.2 : 0.004);
  const speech = state.speech + (voiced ? seconds : 0);
  const silence = voiced ? 0 : state.silence + seconds;
  return { elapsed, floor, speech, silence, done: verdict(elapsed, speech, silence) };
}

function verdict(elapsed, speech, silence) {
  if (speech >= SPEECH_SECONDS && silence >= SILENCE_SECONDS) return "spoken";
  if (elapsed >= MAX_SECONDS) return speech >= SPEECH_SECONDS ? "full" : "nothing";
  if (elapsed >= NOTHING_SECONDS && speech < SPEECH_SECONDS / 2) return "nothing";
  return null;
}
