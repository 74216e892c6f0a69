/**
 * When has the customer finished speaking? Pure: level by level, against the noise of the room.
 */
export const MAX_SECONDS = 15;
export const SILENCE_SECONDS = 1.6; // longer than the breath between the sentence and the digits
export const NOTHING_SECONDS = 6; // without a voice: stop and say so, no attempt used
const SPEECH_SECONDS = 1.2; // a cough is not the phrase
const OVER_FLOOR = 3; // about 10 dB
const QUIETEST = 0.008; // of full scale; below it nothing counts as a voice
const FLOOR_SECONDS = 3; // speech always dips to the room's noise within this time, a fan does not

export const listening = () => ({ elapsed: 0, recent: [{ until: FLOOR_SECONDS / 2, level: QUIETEST }], speech: 0, silence: 0, done: null });

/**
 * @param {ReturnType<typeof listening>} state
 * @param {number} level root mean square, 0…1, @param {number} seconds that it covers
 * @returns a new state; `done` is null, "spoken", "nothing" or "full"
 */
export function hear(state, level, seconds) {
  const elapsed = state.elapsed + seconds;
  // The room's noise is the quietest moment of the last seconds (minimum statistics, Martin 2001).
  const recent = [...state.recent.filter(({ until }) => until > elapsed), { until: elapsed + FLOOR_SECONDS, level }];
  const floor = Math.min(...recent.map((moment) => moment.level));
  const voiced = level > Math.max(QUIETEST, floor * OVER_FLOOR);
  const speech = state.speech + (voiced ? seconds : 0);
  const silence = voiced ? 0 : state.silence + seconds;
  return { elapsed, recent, speech, silence, done: verdict(elapsed, speech, silence) };
}

function verdict(elapsed, speech, silence) {
  if (speech >= SPEECH_SECONDS && silence >= SILENCE_SECONDS) return "spoken";
  if (elapsed >= MAX_SECONDS) return speech >= SPEECH_SECONDS ? "full" : "nothing";
  if (elapsed >= NOTHING_SECONDS && speech < SPEECH_SECONDS / 2) return "nothing";
  return null;
}
