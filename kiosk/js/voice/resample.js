/**
 * Sample-rate conversion by a windowed sinc: everything above the new Nyquist frequency is taken out first, so that hiss
 * at 9–24 kHz does not fold down onto the voice.
 */
const HALF_TAPS = 24; // zero crossings on each side; stop band below −60 dB with the Blackman window
const PASS = 0.92; // of the new Nyquist frequency

/** @param {Float32Array} samples at `from` Hz; @returns {Float32Array} at `to` Hz */
export function resample(samples, from, to) {
  if (from === to) return samples.slice();
  const ratio = from / to;
  const cutoff = (PASS * Math.min(1, to / from)) / 2; // in cycles per input sample
  const reach = Math.ceil(HALF_TAPS * Math.max(1, ratio));
  const output = new Float32Array(Math.floor(samples.length / ratio));
  for (let index = 0; index < output.length; index++) {
    const centre = index * ratio;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    let weight = 0;
    for (let tap = first; tap <= last; tap++) {
      const w = kernel(tap - centre, cutoff, reach);
      sum += samples[tap] * w;
      weight += w;
    }
    output[index] = weight === 0 ? 0 : sum / weight;
  }
  return output;
}

function kernel(distance, cutoff, reach) {
  const x = 2 * Math.PI * cutoff * distance;
  const sinc = x === 0 ? 1 : Math.sin(x) / x;
  const phase = (Math.PI * distance) / reach;
  return sinc * (0.42 + 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase));
}
