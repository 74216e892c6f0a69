/**
 * How large, how good and how often frames may be on this uplink. Pure: a plan and a measured upload give the next plan.
 * Estimates are an exponential average, so one hiccup changes little and a real change is followed within three frames.
 */
const LADDER = [
  { share: 1, quality: 1 },
  { share: 0.875, quality: 0.95 },
  { share: 0.75, quality: 0.88 },
  { share: 0.625, quality: 0.82 },
  { share: 0.5, quality: 0.76 }, // 320 of 640 pixels: eyes still about 40 px apart in the guide
];
const SMOOTHING = 0.4;
const DUTY = 0.8; // of the interval may be spent uploading
const BYTES_PER_STEP = [1, 0.73, 0.5, 0.34, 0.22]; // sizes seen relative to the first step, to predict a step up

/** @returns {{step: number, bytesAtFull: number | null, overheadMs: number, msPerByte: number | null}} */
export const firstPlan = () => ({ step: 0, bytesAtFull: null, msPerByte: null });

/**
 * @param {ReturnType<typeof firstPlan>} plan
 * @param {number} bytes uploaded, @param {number} ms it took until the answer
 * @param {number} intervalMs wanted between two frames
 */
export function learnUpload(plan, bytes, ms, intervalMs) {
  const msPerByte = average(plan.msPerByte, ms / bytes);
  const bytesAtFull = average(plan.bytesAtFull, bytes / BYTES_PER_STEP[plan.step]);
  const fits = BYTES_PER_STEP.map((share) => bytesAtFull * share * msPerByte <= intervalMs * DUTY);
  const affordable = fits.indexOf(true);
  const target = affordable < 0 ? LADDER.length - 1 : affordable;
  // Down at once, up one step at a time.
  const step = target > plan.step ? target : Math.max(target, plan.step - 1);
  return { step, bytesAtFull, msPerByte };
}

/** What to grab and how long to wait between starts. @param {{maxWidth: number, quality: number}} limits */
export function frameShape(plan, limits, intervalMs) {
  const { share, quality } = LADDER[plan.step];
  const expected = plan.msPerByte === null ? 0 : plan.msPerByte * plan.bytesAtFull * BYTES_PER_STEP[plan.step];
  return {
    width: Math.round(limits.maxWidth * share),
    quality: limits.quality * quality,
    intervalMs: Math.max(intervalMs, expected / DUTY),
  };
}

const average = (old, fresh) => (old === null ? fresh : old + SMOOTHING * (fresh - old));
