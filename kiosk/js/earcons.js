/** Short sounds for those who do not look at the screen all the time. What each says also stands on the screen. */
import { endingSoon } from "./state.js";

/** [frequency in hertz, seconds] one after the other: up is good, down is not, the same again asks for attention. */
const TUNES = {
  step: [[523, 0.09], [784, 0.16]],
  hint: [[587, 0.1], [587, 0.1]],
  problem: [[392, 0.12], [277, 0.2]],
  time: [[880, 0.08], [880, 0.08], [880, 0.08]],
  end: [[659, 0.1], [523, 0.18]],
};
const LOUDNESS = 0.12; // of full scale: to be heard in a hall, not to startle
const GAP = 0.05;

const FORWARD = new Set(["pin", "voice", "phrases", "teller", "receipt", "capture"]);
const QUIET_MODES = new Set(["opening", "recording"]); // nothing may sound into a phrase that is being recorded

/**
 * Which sound a change calls for, if any: the most important one. Pure.
 * @param {{state: object, screen: string}} before, @param {{state: object, screen: string}} after
 */
export function soundFor(before, after) {
  if (!after.state.sounds || QUIET_MODES.has(after.state.voice.mode)) return null;
  const moved = before.screen !== after.screen;
  if (moved && after.screen === "final") return after.state.view?.end?.kind === "denied" ? "problem" : "end";
  if (appears("problem", before, after) || voiceProblem(after) !== voiceProblem(before)) return after.state.problem || voiceProblem(after) ? "problem" : null;
  if (endingSoon(after.state) && !endingSoon(before.state)) return "time";
  if (moved && FORWARD.has(after.screen)) return "step";
  if (!moved && movement(before) !== movement(after)) return "step"; // who looks up or aside does not see the screen
  return appears("hint", before, after) ? "hint" : null;
}

const appears = (name, before, after) => Boolean(after.state[name]) && after.state[name] !== before.state[name];
const movement = ({ screen, state }) => screen === "challenge" && state.view?.challenge?.step;
const voiceProblem = ({ state }) => state.voice.problem;

let context = null;

/** Browsers let a page sound only once somebody has touched it. */
export function allowSounds() {
  context ??= "AudioContext" in globalThis ? new AudioContext() : null;
  if (context?.state === "suspended") context.resume().catch(() => {});
}

export function play(name) {
  allowSounds();
  if (context?.state !== "running") return;
  let at = context.currentTime;
  for (const [hertz, seconds] of TUNES[name]) {
    tone(hertz, at, seconds);
    at += seconds + GAP;
  }
}

/** Faded in and out, so that it does not click. */
function tone(hertz, at, seconds) {
  const oscillator = new OscillatorNode(context, { type: "sine", frequency: hertz });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setTargetAtTime(LOUDNESS, at, 0.008);
  gain.gain.setTargetAtTime(0, at + seconds - 0.02, 0.012);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + seconds + 0.08);
}
