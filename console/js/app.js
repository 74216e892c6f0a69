/** What every view gets: the operator, the words, the server, and ways to speak to the person in front of the page. */
import { observe } from "/kiosk/js/api.js";
import { load, translator } from "/kiosk/js/i18n.js";
import { createStore } from "/kiosk/js/store.js";
import { createApi } from "./api.js";
import { label } from "./labels.js";
import { may } from "./roles.js";
import { parse } from "./router.js";
import { isMuted } from "./sound.js";

const NOTICE_MS = 8000;

export async function createApp() {
  await load("en", "/console/i18n");
  const store = createStore({
    operator: undefined, // undefined: not asked yet; null: nobody
    lost: false, // the session ended while somebody worked
    route: parse(location.hash),
    reached: true,
    notice: null,
    dialog: null,
    menu: false,
    muted: isMuted(),
    attention: { items: null, counts: {}, error: null },
  });
  const t = translator("en");
  const app = { store, t, state: store.get, changed: () => store.set({}), kiosks: null, kept: new Map() };

  app.label = (group, name) => label(t, group, name);
  app.may = (operation) => may(store.get().operator, operation);
  app.call = createApi({ operator: () => store.get().operator, signedOut: () => signedOut(app) });
  app.say = (text, kind = "good") => say(app, text, kind);
  app.ask = (dialog) => store.set({ dialog: { ...dialog, opener: document.activeElement, busy: false, error: null } });
  app.zoneOf = (kiosk) => app.kiosks?.find((one) => one.id === kiosk)?.timeZone ?? null;
  app.problem = (error) => problemText(t, error);
  observe((reached) => reached !== store.get().reached && store.set({ reached }));
  return app;
}

/** What went wrong, in the words of the catalogue, else in the server's. */
function problemText(t, error) {
  if (!error.status) return t("problem.unreachable");
  const key = `problem.${error.code}`;
  const text = t(key);
  if (text !== key) return text;
  return error.detail || t("problem.failed");
}

function signedOut(app) {
  const { operator } = app.state();
  if (operator === null) return;
  app.kept.clear();
  app.kiosks = null;
  app.store.set({ operator: null, lost: operator !== undefined, dialog: null, attention: { items: null, counts: {}, error: null } });
}

/** One line that appears and is read out; it goes by itself, and nothing depends on having seen it. */
function say(app, text, kind) {
  const notice = { text, kind };
  app.store.set({ notice });
  setTimeout(() => app.state().notice === notice && app.store.set({ notice: null }), NOTICE_MS);
}

export async function askWho(app) {
  try {
    await enter(app, await app.call("GET", "/api/operators/me"));
  } catch (error) {
    if (error.status !== 401) app.store.set({ operator: undefined, startError: error });
  }
}

/** The kiosks' names and zones are needed almost everywhere, so they come first. */
export async function enter(app, operator) {
  app.kiosks = may(operator, "kiosks_list") ? (await app.call("GET", "/api/kiosks")).kiosks : [];
  app.store.set({ operator, lost: false, startError: null });
}
