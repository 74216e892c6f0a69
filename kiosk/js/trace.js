/** Timings for the live console of the local host: kinds, sizes and milliseconds, never an id, a number or a token. */
const KEPT = 60;

export class Trace {
  constructor() {
    this.reset();
  }

  reset() {
    this.started = performance.now();
    this.lines = [];
    this.frames = { sent: 0, bytes: 0, lastMs: 0, width: 0 };
    this.polls = { sent: 0, unchanged: 0, lastMs: 0 };
  }

  /** @param {"frame" | "poll" | "state"} kind */
  add(kind, facts) {
    if (kind === "frame") {
      const { bytes, ms, width } = facts;
      this.frames = { sent: this.frames.sent + 1, bytes: this.frames.bytes + bytes, lastMs: ms, width };
    } else if (kind === "poll") {
      const unchanged = this.polls.unchanged + (facts.status === 304 ? 1 : 0);
      this.polls = { sent: this.polls.sent + 1, unchanged, lastMs: facts.ms };
    } else {
      this.lines = [...this.lines, { at: performance.now() - this.started, ...facts }].slice(-KEPT);
    }
  }
}
