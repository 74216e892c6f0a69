/** Watches, on the attract screen only, for somebody who stands in the guide. Pictures stay in this function. */
import { Arrival, learnBackground, oneFaceInGuide, somebodyThere } from "./presence.js";

const LOOK_MS = 200;

export class AttractWatch {
  /** @param {{camera: object, onSeen: (seen: boolean) => void, onArrival: () => void}} deps */
  constructor(deps) {
    this.deps = deps;
    this.background = null;
    this.detector = "FaceDetector" in globalThis ? new globalThis.FaceDetector({ fastMode: true, maxDetectedFaces: 3 }) : null;
    this.timer = null;
  }

  /** @param {boolean} armed false right after a visit: the guide must be empty once first */
  start(armed) {
    if (this.timer !== null) return;
    this.arrival = new Arrival({ armed });
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
  }

  async look() {
    const glance = this.deps.camera.glance();
    if (!glance || this.looking) return;
    this.looking = true;
    const present = (await this.detected()) ?? somebodyThere(glance, this.background);
    this.looking = false;
    if (this.timer === null) return;
    this.background = learnBackground(this.background, glance.luma);
    this.deps.onSeen(present);
    if (this.arrival.look(present, performance.now())) this.deps.onArrival();
  }

  /** @returns {Promise<boolean | null>} null where the browser has no face detector that works */
  async detected() {
    if (!this.detector) return null;
    const { video } = this.deps.camera;
    try {
      return oneFaceInGuide(await this.detector.detect(video), video.videoWidth, video.videoHeight);
    } catch {
      this.detector = null;
      return null;
    }
  }
}
