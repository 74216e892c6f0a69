/** Ties the parts together: attract → visit → final → attract. Holds no rule of its own about who may do what. */
import { observe } from "./api.js";
import { AttractWatch } from "./attract.js";
import { authenticatorActions } from "./authenticator.js";
import { Camera } from "./camera.js";
import { now } from "./clock.js";
import { allowSounds } from "./earcons.js";
import { enrolmentActions } from "./enrolment.js";
import { watchHints } from "./hint-watch.js";
import { lifecycle } from "./lifecycle.js";
import { networkWatch } from "./network.js";
import { pairingActions } from "./pairing.js";
import { settings } from "./settings.js";
import { initialState } from "./state.js";
import { stepActions } from "./steps.js";
import { createStore } from "./store.js";
import { tellerActions } from "./teller.js";
import { Trace } from "./trace.js";
import { voiceActions } from "./voice/actions.js";
import { Recorder } from "./voice/recorder.js";

const TICK_MS = 500;
const INPUT_MS = 5000;

export function createApp() {
  const store = createStore(initialState());
  const app = { store, trace: new Trace(), identity: null };
  const { actions: lifeActions, ...life } = lifecycle(app);
  const { actions: settingActions, ...choices } = settings(app);
  Object.assign(app, life, choices);
  app.camera = new Camera((camera) => store.set({ camera }), life.cameraLost);
  app.watch = new AttractWatch({
    camera: app.camera,
    onSeen: (seen) => store.get().seen !== seen && store.set({ seen }),
    onArrival: () => life.start("face"),
  });
  app.act = {
    ...lifeActions,
    ...settingActions,
    ...pairingActions(app),
    ...stepActions(app),
    ...voiceActions(app, new Recorder()),
    ...tellerActions(app),
    ...enrolmentActions(app),
    ...authenticatorActions(app),
  };
  observe(networkWatch(app));
  watchHints(app);
  watchInput(app);
  setInterval(() => store.set({ now: now() }), TICK_MS);
  return app;
}

/** Touching anything keeps the visit from ending as idle. */
function watchInput(app) {
  let last = 0;
  const touched = () => {
    const visit = app.visit();
    if (!visit || app.store.get().teller || Date.now() - last < INPUT_MS) return;
    last = Date.now();
    visit.call("POST", "/input", { json: {} }).catch(() => {}); // a courtesy: the poll notices whatever is wrong
  };
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, touched, { passive: true });
  addEventListener("pointerdown", allowSounds, { once: true, passive: true });
}
