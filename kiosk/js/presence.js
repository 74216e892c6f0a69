/**
 * Does somebody stand in the guide? Used on the attract screen only, to begin a visit; nothing is kept or sent, and it
 * decides nothing else. Where the browser has a face detector that is asked, otherwise this light look at a 32 × 24
 * picture: the oval differs from the empty scene, or holds clearly more skin tone than the rest.
 */
export const WIDTH = 32;
export const HEIGHT = 24;
export const HOLD_MS = 1000;

const CHANGED_LUMA = 28; // of 255; above camera noise and slow daylight, below a head against any background
const CHANGED_SHARE = 0.3; // of the oval's cells
const SKIN_SHARE = 0.35; // of the oval's cells
const SKIN_LEAD = 0.2; // by which the oval must exceed the rest, so that a beige wall is nobody
const BACKGROUND_RATE = 0.02; // a look every 200 ms: the scene is relearned in about ten seconds

const OVAL = Array.from({ length: WIDTH * HEIGHT }, (_, cell) => {
  const x = ((cell % WIDTH) + 0.5) / WIDTH - 0.5;
  const y = (Math.floor(cell / WIDTH) + 0.5) / HEIGHT - 0.5;
  return (x / 0.2) ** 2 + (y / 0.38) ** 2 <= 1;
});
const INSIDE = OVAL.filter(Boolean).length;

/** @param {Uint8ClampedArray} rgba of WIDTH × HEIGHT; @returns {{luma: Float32Array, skin: boolean[]}} */
export function measure(rgba) {
  const luma = new Float32Array(WIDTH * HEIGHT);
  const skin = [];
  for (let cell = 0; cell < luma.length; cell++) {
    const [r, g, b] = rgba.subarray(cell * 4, cell * 4 + 3);
    luma[cell] = 0.299 * r + 0.587 * g + 0.114 * b;
    // Chai & Ngan (1999): skin of every tone lies close together in chroma, whatever the brightness.
    const cb = 128 - 0.169 * r - 0.331 * g + 0.5 * b;
    const cr = 128 + 0.5 * r - 0.419 * g - 0.081 * b;
    skin.push(cb >= 77 && cb <= 127 && cr >= 133 && cr <= 173);
  }
  return { luma, skin };
}

/** @param {Float32Array | null} background luma of the empty scene, null when not yet known */
export function somebodyThere({ luma, skin }, background) {
  let changed = 0;
  let skinInside = 0;
  let skinOutside = 0;
  for (let cell = 0; cell < luma.length; cell++) {
    if (!OVAL[cell]) {
      skinOutside += skin[cell];
      continue;
    }
    skinInside += skin[cell];
    changed += background !== null && Math.abs(luma[cell] - background[cell]) > CHANGED_LUMA;
  }
  const skinShare = skinInside / INSIDE;
  const lead = skinShare - skinOutside / (luma.length - INSIDE);
  return changed / INSIDE >= CHANGED_SHARE || (skinShare >= SKIN_SHARE && lead >= SKIN_LEAD);
}

/** The empty scene, slowly relearned so that daylight and moved furniture do not count as a person for ever. */
export function learnBackground(background, luma) {
  if (background === null) return luma.slice();
  return background.map((value, cell) => value + BACKGROUND_RATE * (luma[cell] - value));
}

/** One face, standing near the middle, large enough to be somebody at the machine and not a passer-by. */
export function oneFaceInGuide(faces, width, height) {
  if (faces.length !== 1) return false;
  const box = faces[0].boundingBox;
  const x = (box.x + box.width / 2) / width;
  const y = (box.y + box.height / 2) / height;
  return Math.abs(x - 0.5) < 0.18 && Math.abs(y - 0.5) < 0.25 && box.height > 0.25 * height;
}

/** Mean brightness 0–255; a covered lens is nearly black all over. */
export const meanLuma = (luma) => luma.reduce((sum, value) => sum + value, 0) / luma.length;

/**
 * Counts how long somebody has been there without a break, and asks for one empty look after each visit, so that a
 * person who has just finished is not drawn into another.
 */
export class Arrival {
  constructor({ armed = true } = {}) {
    this.armed = armed;
    this.since = null;
  }

  /** @returns {boolean} true once, when a visit should start */
  look(present, at) {
    if (!present) {
      this.armed = true;
      this.since = null;
      return false;
    }
    if (!this.armed) return false;
    this.since ??= at;
    if (at - this.since < HOLD_MS) return false;
    this.armed = false;
    return true;
  }
}
