/** Follows GET /api/sessions/{id} by ETag; at once after an upload, slower and slower while the server cannot be reached. */
import { NetworkGone, Problem } from "./api.js";

const MAX_BACKOFF_MS = 5000;

export class Poller {
  /**
   * @param {object} deps
   * @param {(etag: string | null) => Promise<{status: number, data: object, etag: string | null}>} deps.get
   * @param {() => number} deps.every milliseconds
   * @param {(view: object) => void} deps.onView
   * @param {(error: Error) => void} deps.onOver the visit is no longer known
   */
  constructor(deps) {
    Object.assign(this, { deps, etag: null, failures: 0, timer: null, inFlight: false, again: false, running: false });
  }

  start() {
    this.running = true;
    this.now();
  }

  stop() {
    this.running = false;
    clearTimeout(this.timer);
  }

  /** Ask at once; if a question is under way, ask once more when it is answered. */
  now() {
    if (!this.running) return;
    clearTimeout(this.timer);
    if (this.inFlight) this.again = true;
    else this.ask();
  }

  async ask() {
    this.inFlight = true;
    this.again = false;
    let wait = this.deps.every();
    try {
      const { status, data, etag } = await this.deps.get(this.etag);
      this.failures = 0;
      this.etag = etag ?? this.etag;
      if (status === 200 && this.running) this.deps.onView(data);
    } catch (error) {
      wait = this.failed(error, wait);
    }
    this.inFlight = false;
    if (!this.running) return;
    this.timer = setTimeout(() => this.ask(), this.again ? 0 : wait);
  }

  failed(error, wait) {
    if (error instanceof Problem && [401, 404, 410].includes(error.status)) {
      this.stop();
      this.deps.onOver(error);
      return wait;
    }
    if (!(error instanceof NetworkGone || error instanceof Problem)) throw error;
    this.failures += 1;
    const backoff = Math.min(MAX_BACKOFF_MS, wait * 2 ** this.failures) * (0.75 + Math.random() / 2);
    return error.retryAfter ? Math.min(error.retryAfter * 1000, MAX_BACKOFF_MS) : backoff;
  }
}
