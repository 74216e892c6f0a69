/** What the page knows, and which screen follows from it. Pure. */

export const FINAL_STATES = new Set(["denied", "ended"]);

export const initialState = () => ({
  config: null,
  kiosk: null, // {kiosk, name, timeZone}
  phase: "boot", // boot, pair, attract, visit, final
  network: "ok", // ok, gone
  serverBusy: false,
  camera: "off", // off, opening, on, refused, missing, busy
  seen: false, // somebody stands in the guide of the attract screen
  language: "en",
  languageChosen: false, // by this customer, on this visit
  spoken: false,
  sounds: true, // short ones that go with hints, steps and problems
  reach: "normal", // normal, low
  contrast: "normal", // normal, more
  now: Date.now(), // the server's time, refreshed twice a second
  hint: null,
  dialog: null, // help, terminate
  ...visitState(),
  pairing: { code: "", busy: false, problem: null },
});

/** Everything that belongs to one visit and is forgotten with it. */
export const visitState = () => ({
  view: null,
  since: 0, // when the customer came to this step, by the server's time
  busy: null, // name of the request under way
  problem: null, // stable code of the last refusal, shown near the field
  held: null, // pin, voice or handoff: refused only because nobody was in front; to be sent again as soon as presence is ok
  code: "",
  codeBy: "message", // message, app
  authenticator: null, // {setUp, setup: {secret, picture} | null, code, ready} while an app is being set up
  phone: { region: null, number: "" },
  claiming: false, // the customer chose "I am already a customer" and has not sent a number yet
  voice: { mode: "ready", level: 0, seconds: 0, trouble: null, problem: null },
  teller: null,
  details: { page: "consent", name: "", layer: null, phone: { region: null, number: "" }, adult: false, consent: false },
});

const CAMERA_TROUBLE = new Set(["refused", "missing", "busy"]);
const WITH_MICROPHONE = new Set(["voice", "phrases"]);

/** @returns {string} the name of the screen, as in screens/index.js */
export function screenOf(state) {
  if (!state.config) return state.network === "gone" ? "offline" : "boot";
  if (state.phase === "boot") return "boot";
  if (state.phase === "final" || FINAL_STATES.has(state.view?.state)) return "final";
  if (state.network === "gone") return "offline";
  if (state.phase === "pair") return "pair";
  if (CAMERA_TROUBLE.has(state.camera)) return "camera";
  if (state.phase === "attract") return "attract";
  return visitScreen(state);
}

function visitScreen(state) {
  const { view } = state;
  if (!view) return "identifying";
  if (state.teller && view.teller?.locked) return "locked";
  if (state.authenticator) return "authenticator";
  if (state.teller) return tellerScreen(state.teller);
  const screen = stateScreen(state, view);
  return WITH_MICROPHONE.has(screen) && state.voice.trouble ? "microphone" : screen;
}

function stateScreen(state, view) {
  switch (view.state) {
    case "unknown":
    case "ambiguous":
      return state.claiming ? "claim" : "choices";
    case "claiming":
      return "identifying";
    case "voice":
      return view.voice?.checking || view.factors.voice === "checking" ? "checking" : "voice";
    case "enrolling":
      return view.enrolment && view.enrolment.step !== "details" ? view.enrolment.step : state.details.page;
    case "handed_off":
      return "granted";
    default:
      return view.state;
  }
}

const tellerScreen = (teller) => (teller.page === "menu" ? "teller" : teller.page);

/** Frames come quickly while a face is being learned or found, and once a second otherwise. */
export function frameInterval(config, view) {
  const searching = ["identifying", "challenge", "claiming"].includes(view?.state) || view?.enrolment?.step === "capture";
  return searching || !view ? config.frame.identifyMs : config.frame.watchMs;
}

/** Whether the visit soon ends for want of time. Half a minute: WCAG 2.2.1 asks for at least twenty seconds. */
export const WARN_MS = 30_000;
export const endingSoon = (state) =>
  state.phase === "visit" && Boolean(state.view?.expiresAt) && Date.parse(state.view.expiresAt) - state.now <= WARN_MS;
