/** How a visit begins, is taken up again after a reload, and ends with camera and microphone off. */
import { absorb } from "./absorb.js";
import { NetworkGone, Problem, request } from "./api.js";
import { now } from "./clock.js";
import { beginTrace } from "./correlation.js";
import { likelyRegion } from "./countries.js";
import { sign } from "./identity.js";
import { forgetVisit, recallVisit } from "./memory.js";
import { hush } from "./speech.js";
import { FINAL_STATES, visitState } from "./state.js";
import { Visit } from "./visit.js";

const FINAL_MS = 15_000;
const RETRY_CAMERA_MS = 4000;
const FRESH_PAGE_MS = 12 * 3600 * 1000; // a kiosk that is never switched off still gets the page of the last deployment
const REFUSED = 401; // unknown, revoked, or a signature that is not right

export function lifecycle(app) {
  const { store } = app;
  let visit = null;
  let starting = false;
  let finalTimer = null;
  let cameraTimer = null;

  /** To the attract screen. @param {boolean} armed whether somebody already standing there may start a visit */
  async function attract(armed) {
    clearTimeout(finalTimer);
    if (performance.now() > FRESH_PAGE_MS) location.reload();
    const { config, kiosk } = store.get();
    const fresh = visitState();
    const region = likelyRegion(kiosk?.timeZone, config.languages[0]);
    fresh.phone.region = fresh.details.phone.region = region;
    store.set({ ...fresh, ...(!armed && app.defaults()), phase: "attract", dialog: null, hint: null, seen: false });
    if (config.start !== "face") return;
    if (!(await app.camera.open())) retryCameraLater();
    if (store.get().phase === "attract") app.watch.start(armed);
  }

  async function start(trigger) {
    if (starting || visit || store.get().phase !== "attract") return;
    starting = true;
    app.watch.stop();
    try {
      if (await app.camera.open()) await ask(trigger);
      else retryCameraLater();
    } finally {
      starting = false;
    }
  }

  async function ask(trigger) {
    app.trace.reset();
    beginTrace();
    store.set({ phase: "visit", problem: null });
    const body = JSON.stringify({ language: store.get().language, trigger });
    try {
      const { data } = await signed(body).catch((error) => {
        // The refusal carried the server's time: if this device's clock was the reason, once more is enough.
        if (error.status === REFUSED) return signed(body);
        throw error;
      });
      begin({ id: data.session.id, token: data.token }, data.session);
    } catch (error) {
      await notStarted(error);
    }
  }

  async function signed(body) {
    const headers = await sign(app.identity, "/api/sessions", body);
    return request("POST", "/api/sessions", { body, type: "application/json", headers });
  }

  async function notStarted(error) {
    if (!(error instanceof Problem || error instanceof NetworkGone)) throw error;
    if (error.status === REFUSED) return app.act.askForPairing("kiosk_revoked");
    if (store.get().config.start === "touch") app.camera.close();
    await attract(false);
    return store.set({ problem: error instanceof NetworkGone ? "network" : error.code });
  }

  function begin(saved, view) {
    visit = new Visit(saved, {
      config: store.get().config,
      camera: app.camera,
      onView,
      onOver: () => over(),
      onBusy: (serverBusy) => store.get().serverBusy !== serverBusy && store.set({ serverBusy }),
      trace: (kind, facts) => app.trace.add(kind, facts),
    });
    store.set({ phase: "visit" });
    visit.begin(view);
    app.keepChoices();
  }

  function onView(view) {
    const before = store.get();
    const { patch, moved, newPhrase } = absorb(before, view, now());
    store.set(patch);
    if (moved) app.trace.add("state", { state: view.state, step: view.enrolment?.step ?? null, version: view.version });
    if (moved || newPhrase) app.act.forgetClip();
    if (FINAL_STATES.has(view.state)) return finish();
    app.follow(view.language);
    if (view.state === "granted" && moved) return app.act.handOff();
    if (view.presence === "ok" && store.get().held) return sendAgain(store.get().held);
    return undefined;
  }

  function sendAgain(held) {
    store.set({ held: null });
    if (held === "pin") return app.act.submitCode();
    if (held === "voice") return app.act.sendClip();
    return app.act.handOff();
  }

  /** The server no longer knows this visit. */
  function over() {
    if (visit) conclude("ended");
  }

  /** @param {"ended" | "cancelled"} kind said by the page when the server is not asked or cannot be */
  function conclude(kind) {
    const { view } = store.get();
    store.set({ view: { ...view, state: "ended", end: view.end ?? { kind, telephone: null } } });
    finish();
  }

  function finish() {
    visit?.stop();
    visit = null;
    app.act.forgetClip();
    app.camera.close();
    clearInterval(cameraTimer);
    cameraTimer = null;
    hush();
    store.set({ phase: "final", dialog: null, teller: null, authenticator: null, held: null, hint: null });
    clearTimeout(finalTimer);
    finalTimer = setTimeout(() => attract(false), FINAL_MS);
  }

  function terminate() {
    const leaving = visit;
    if (!leaving) return attract(false);
    conclude(store.get().teller ? "ended" : "cancelled");
    return leaving.bury();
  }

  /** A camera that was unplugged or in use comes back by itself. */
  function retryCameraLater() {
    cameraTimer ??= setInterval(async () => {
      if (!(await app.camera.open(true))) return;
      clearInterval(cameraTimer);
      cameraTimer = null;
      if (starting) return; // a customer was quicker and needs it
      const { phase, config } = store.get();
      if (phase === "attract" && config.start === "touch") app.camera.close();
      else if (phase === "attract") app.watch.start(true);
    }, RETRY_CAMERA_MS);
  }

  async function retryCamera() {
    if (!(await app.camera.open())) return retryCameraLater();
    return visit ? undefined : start("touch");
  }

  /** @returns {Promise<boolean>} whether a visit goes on after a reload */
  async function resume() {
    const saved = recallVisit();
    if (!saved) return false;
    try {
      const teller = saved.kind === "teller" ? await app.act.fetchTeller(saved.token) : null;
      const view = teller?.session ?? (await visitView(saved));
      if (FINAL_STATES.has(view.state)) return forgetVisit() ?? false;
      if (!(await app.camera.open())) retryCameraLater();
      begin(saved, view);
      if (teller) app.act.showTeller(teller);
      return true;
    } catch (error) {
      if (!(error instanceof Problem || error instanceof NetworkGone)) throw error;
      forgetVisit();
      return false;
    }
  }

  async function visitView({ id, token }) {
    const headers = { "X-Visit-Token": token };
    return (await request("GET", `/api/sessions/${encodeURIComponent(id)}`, { headers })).data;
  }

  /** The camera was lost in the middle of a visit. */
  function cameraLost() {
    if (visit || store.get().phase === "attract") retryCameraLater();
  }

  const actions = { start: () => start("touch"), terminate, done: () => attract(false), retryCamera };
  return { visit: () => visit, over, start, attract, resume, cameraLost, actions };
}
