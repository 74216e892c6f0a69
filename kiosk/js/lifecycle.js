/** How a visit begins, is taken up again after a reload, and ends with camera and microphone off. */
import { NetworkGone, Problem, request } from "./api.js";
import { forget, pair, sign } from "./identity.js";
import { preferred } from "./i18n.js";
import { recallVisit, forgetVisit } from "./memory.js";
import { hush } from "./speech.js";
import { FINAL_STATES, visitState } from "./state.js";
import { Visit } from "./visit.js";
import { likelyRegion } from "./countries.js";

const FINAL_MS = 15_000;
const RETRY_DEVICE_MS = 4000;
const UNPAIRED = new Set(["kiosk_revoked", "unknown_kiosk"]);

export function lifecycle(app) {
  const { store } = app;
  let visit = null;
  let starting = false;
  let finalTimer = null;
  let deviceTimer = null;

  /** To the attract screen. @param {boolean} armed whether somebody already standing there may start a visit */
  async function attract(armed) {
    clearTimeout(finalTimer);
    const { config, kiosk } = store.get();
    const region = likelyRegion(kiosk?.timeZone, config.languages[0]);
    const fresh = visitState();
    fresh.phone.region = region;
    fresh.details.phone.region = region;
    const keepLanguage = armed ? {} : { language: config.languages[0], languageChosen: false, spoken: false, reach: "normal" };
    store.set({ ...fresh, ...keepLanguage, phase: "attract", dialog: null, hint: null, seen: false });
    if (config.start !== "face") return;
    if (!(await app.camera.open())) retryDevice();
    if (store.get().phase === "attract") app.watch.start(armed);
  }

  async function start(trigger) {
    if (starting || visit || store.get().phase !== "attract") return;
    starting = true;
    app.watch.stop();
    try {
      if (await app.camera.open()) await ask(trigger);
      else retryDevice();
    } finally {
      starting = false;
    }
  }

  async function ask(trigger) {
    app.trace.reset();
    store.set({ phase: "visit", problem: null });
    const body = JSON.stringify({ language: store.get().language, trigger });
    try {
      const headers = await sign(app.identity, "/api/sessions", body);
      const { data } = await request("POST", "/api/sessions", { body, type: "application/json", headers });
      begin({ id: data.session.id, token: data.token }, data.session);
    } catch (error) {
      await notStarted(error);
    }
  }

  async function notStarted(error) {
    if (!(error instanceof Problem || error instanceof NetworkGone)) throw error;
    if (error instanceof Problem && UNPAIRED.has(error.code)) {
      app.camera.close();
      await forget();
      store.set({ phase: "pair", pairing: { code: "", busy: false, problem: "kiosk_revoked" } });
      return;
    }
    if (store.get().config.start === "touch") app.camera.close();
    await attract(false);
    store.set({ problem: error instanceof NetworkGone ? "network" : error.code });
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
  }

  function onView(view) {
    const before = store.get();
    const moved = before.view?.state !== view.state || before.view?.enrolment?.step !== view.enrolment?.step;
    store.set({ view, ...(moved && movedTo(view)), ...newPhrase(before, view) });
    if (moved) app.trace.add("state", { state: view.state, step: view.enrolment?.step ?? null, version: view.version });
    if (FINAL_STATES.has(view.state)) return finish();
    if (view.state === "granted" && moved) return app.act.handOff();
    if (view.presence === "ok" && before.held) return sendAgain(before.held);
    return undefined;
  }

  function movedTo(view) {
    if (!visitState().voice) return {};
    const keep = view.state === "granted" ? {} : { held: null };
    return { since: Date.now(), problem: null, code: "", claiming: false, voice: visitState().voice, dialog: null, ...keep };
  }

  /** A new attempt has a new phrase: whatever was recorded for the last one is void. */
  function newPhrase(before, view) {
    const was = before.view?.voice?.attempt ?? before.view?.enrolment?.taken;
    const is = view.voice?.attempt ?? view.enrolment?.taken;
    if (was === is || before.view === null) return {};
    return { voice: { ...visitState().voice, problem: view.voice?.problem ?? null }, held: null };
  }

  function sendAgain(held) {
    store.set({ held: null });
    if (held === "pin") return app.act.submitCode();
    if (held === "voice") return app.act.sendClip();
    return app.act.handOff();
  }

  /** The server no longer knows this visit. */
  function over() {
    const { view } = store.get();
    if (!visit) return;
    store.set({ view: { ...view, state: "ended", end: view?.end ?? { kind: "ended", telephone: null } } });
    finish();
  }

  function finish() {
    letGo();
    store.set({ phase: "final", dialog: null, teller: null, held: null });
    clearTimeout(finalTimer);
    finalTimer = setTimeout(() => attract(false), FINAL_MS);
  }

  function letGo() {
    visit?.stop();
    visit = null;
    app.act.forgetClip();
    app.camera.close();
    clearInterval(deviceTimer);
    deviceTimer = null;
    hush();
  }

  function terminate() {
    const leaving = visit;
    const { view, teller } = store.get();
    if (!view) return attract(false);
    store.set({ view: { ...view, state: "ended", end: { kind: teller ? "ended" : "cancelled", telephone: null } } });
    finish();
    return leaving?.bury();
  }

  /** A camera that was unplugged or in use comes back by itself. */
  function retryDevice() {
    deviceTimer ??= setInterval(async () => {
      if (!(await app.camera.open(true))) return;
      clearInterval(deviceTimer);
      deviceTimer = null;
      const { phase, config } = store.get();
      if (phase === "attract" && config.start === "touch") app.camera.close();
      else if (phase === "attract") app.watch.start(true);
    }, RETRY_DEVICE_MS);
  }

  async function retryCamera() {
    if (!(await app.camera.open())) return retryDevice();
    return visit ? undefined : start("touch");
  }

  /** @returns {Promise<boolean>} whether a visit goes on after a reload */
  async function resume() {
    const saved = recallVisit();
    if (!saved) return false;
    try {
      const header = saved.kind === "teller" ? "X-Teller-Token" : "X-Visit-Token";
      const { data } = await request("GET", `/api/sessions/${encodeURIComponent(saved.id)}`, { headers: { [header]: saved.token } });
      if (FINAL_STATES.has(data.state)) throw new Problem(410, "session_over", "", null);
      if (!(await app.camera.open())) retryDevice();
      begin(saved, data);
      if (saved.kind === "teller") await app.act.reopen();
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      forgetVisit();
      return false;
    }
  }

  async function pairWith(code) {
    store.set((state) => ({ pairing: { ...state.pairing, busy: true, problem: null } }));
    try {
      const { key, ...kiosk } = (app.identity = await pair(code));
      store.set({ kiosk, pairing: { code: "", busy: false, problem: null } });
      await attract(true);
    } catch (error) {
      const problem = error instanceof Problem ? error.code : "network";
      store.set((state) => ({ pairing: { ...state.pairing, busy: false, problem } }));
    }
  }

  return {
    visit: () => visit,
    over,
    start,
    attract,
    resume,
    actions: {
      start: () => start("touch"),
      terminate,
      done: () => attract(false),
      retryCamera,
      pair: () => pairWith(store.get().pairing.code),
      pairWith,
      setPairing: (code) => store.set((state) => ({ pairing: { ...state.pairing, code, problem: null } })),
      attract,
      resume,
      languageOffered: () => preferred(store.get().config.languages),
    },
  };
}
