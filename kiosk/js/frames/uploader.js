/** Sends frames while a visit lasts, never more than two that the server has not analysed. */
import { Problem } from "../api.js";
import { firstPlan, frameShape, learnUpload } from "./uplink.js";

export const MAX_UNANALYSED = 2;
const WAIT_MS = 60;

export class Uploader {
  /**
   * @param {object} deps
   * @param {(width: number, quality: number) => Promise<Blob | null>} deps.grab
   * @param {(jpeg: Blob) => Promise<{seq: number, ms: number}>} deps.send
   * @param {() => number} deps.analysed View.analysedSeq
   * @param {() => number} deps.interval milliseconds wanted between frames
   * @param {() => {maxWidth: number, quality: number}} deps.limits
   * @param {(upload: {seq: number, bytes: number, ms: number, width: number}) => void} deps.onSent
   * @param {(error: Error) => void} deps.onError
   */
  constructor(deps, lastSeq = 0) {
    this.deps = deps;
    this.lastSeq = lastSeq;
    this.plan = firstPlan();
    this.running = false;
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.loop();
  }

  stop() {
    this.running = false;
  }

  get mayUpload() {
    return Math.max(this.lastSeq, this.deps.analysed()) - this.deps.analysed() < MAX_UNANALYSED;
  }

  async loop() {
    let due = 0;
    while (this.running) {
      const wait = due - performance.now();
      if (wait > 0 || !this.mayUpload) {
        await sleep(Math.min(WAIT_MS, Math.max(wait, 10)));
        continue;
      }
      const shape = frameShape(this.plan, this.deps.limits(), this.deps.interval());
      due = performance.now() + shape.intervalMs;
      const wanted = await this.once(shape);
      due = Math.max(due, performance.now() + wanted);
    }
  }

  /** @returns {Promise<number>} milliseconds to wait from now on, whatever the interval */
  async once(shape) {
    const jpeg = await this.deps.grab(shape.width, shape.quality);
    if (!jpeg || !this.running) return 0;
    try {
      const { seq, ms } = await this.deps.send(jpeg);
      this.lastSeq = Math.max(this.lastSeq, seq);
      this.plan = learnUpload(this.plan, jpeg.size, ms, this.deps.interval());
      this.deps.onSent({ seq, bytes: jpeg.size, ms, width: shape.width });
      return 0;
    } catch (error) {
      this.deps.onError(error);
      return error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : 1000;
    }
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
