/** One visit as seen from the page: its token, its frames, its view. It decides nothing. */
import { Problem, request } from "./api.js";
import { Uploader } from "./frames/uploader.js";
import { forgetVisit, keepVisit } from "./memory.js";
import { Poller } from "./poller.js";
import { frameInterval } from "./state.js";

const HEADER = { visit: "X-Visit-Token", teller: "X-Teller-Token" };
const BURY_TRIES = 3;
const UNCHANGED = { status: 304, data: null, etag: null, ms: 0 };

export class Visit {
  /**
   * @param {{id: string, token: string, kind?: "visit" | "teller", lastSeq?: number}} saved
   * @param {object} deps {config, camera, onView, onOver, onBusy, trace}
   */
  constructor(saved, deps) {
    this.saved = { kind: "visit", lastSeq: 0, ...saved };
    this.deps = deps;
    this.view = null;
    this.over = false;
    this.handingOver = false;
    this.poller = new Poller({
      get: (etag) => this.get(etag),
      every: () => deps.config.pollMs,
      onView: (view) => this.take(view),
      onOver: () => deps.onOver(),
    });
    this.uploader = new Uploader(
      {
        grab: (width, quality) => deps.camera.frame(width, quality),
        send: (jpeg) => this.sendFrame(jpeg),
        analysed: () => this.view?.analysedSeq ?? 0,
        interval: () => frameInterval(deps.config, this.view),
        limits: () => deps.config.frame,
        onSent: (upload) => this.frameSent(upload),
        onError: (error) => this.frameRefused(error),
      },
      this.saved.lastSeq,
    );
  }

  get headers() {
    return { [HEADER[this.saved.kind]]: this.saved.token };
  }

  path(rest = "") {
    return `/api/sessions/${encodeURIComponent(this.saved.id)}${rest}`;
  }

  begin(view) {
    this.keep({});
    this.take(view);
    this.uploader.start();
    this.poller.start();
  }

  keep(change) {
    if (this.over) return;
    this.saved = { ...this.saved, ...change };
    keepVisit(this.saved);
  }

  /** While `open` runs the visit token may die before the teller's is here: refusals of it say nothing of the visit. */
  async handOver(open) {
    this.handingOver = true;
    try {
      return await open();
    } finally {
      this.handingOver = false;
    }
  }

  /** The visit token dies with the hand-off; from here on the teller's token speaks for this visit. */
  becomeTeller(token) {
    this.poller.etag = null;
    this.keep({ kind: "teller", token });
  }

  /** Answers may overtake each other: a view older than the one shown is dropped. */
  take(view) {
    if (this.over || (this.view && view.version < this.view.version)) return;
    const analysedSeq = Math.max(view.analysedSeq, this.view?.analysedSeq ?? 0);
    this.view = { ...view, analysedSeq };
    this.deps.onView(this.view);
  }

  /** @returns {Promise<any>} the answer's body; a View in it is taken at once. @throws {Problem | NetworkGone} */
  async call(method, rest, options = {}) {
    const { data } = await request(method, this.path(rest), { ...options, headers: this.headers });
    const view = data?.session ?? (data?.state ? data : null);
    if (view) this.take(view);
    return data;
  }

  async get(etag) {
    const { token } = this.saved;
    const headers = { ...this.headers, ...(etag && { "If-None-Match": etag }) };
    const answer = await request("GET", this.path(), { headers }).catch((error) => {
      if (error.status === 401 && (this.handingOver || token !== this.saved.token)) return UNCHANGED;
      throw error;
    });
    this.deps.onBusy(false);
    this.deps.trace("poll", { status: answer.status, ms: answer.ms });
    return answer;
  }

  async sendFrame(jpeg) {
    const options = { body: jpeg, type: "image/jpeg", headers: this.headers, timeoutMs: 10_000 };
    const { data, ms } = await request("POST", this.path("/frames"), options);
    return { seq: data.seq, ms };
  }

  frameSent(upload) {
    this.keep({ lastSeq: upload.seq });
    this.deps.trace("frame", upload);
    this.poller.now();
  }

  frameRefused(error) {
    if (!(error instanceof Problem)) return;
    if (error.status === 503) this.deps.onBusy(true);
    if (error.status === 401 || error.status === 410) this.poller.now();
  }

  stop() {
    this.over = true;
    this.uploader.stop();
    this.poller.stop();
    forgetVisit();
  }

  /** Ends it at the server too; the page has already let go of everything, so this may take its time. */
  async bury() {
    const path = this.saved.kind === "teller" ? "/api/teller" : this.path();
    for (let tries = 0; tries < BURY_TRIES; tries++) {
      try {
        return await request("DELETE", path, { headers: this.headers });
      } catch (error) {
        if (error instanceof Problem && error.status < 500) return null;
        await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** tries));
      }
    }
    return null;
  }
}
