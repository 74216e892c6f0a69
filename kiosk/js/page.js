/** Draws the whole page from the state, and looks after focus, language and the spoken word. */
import { patchChildren } from "./dom.js";
import { play, soundFor } from "./earcons.js";
import { direction, formats, translator } from "./i18n.js";
import { frame } from "./screens/frame.js";
import { say } from "./speech.js";
import { screenOf } from "./state.js";

const SPOKEN = ".title, .lead, .phrase-sentence, .phrase-digits, .notice";

export function mountPage(app) {
  const root = document.getElementById("app");
  const wantsConsole = new URLSearchParams(location.search).has("console");
  let shown = { state: app.store.get(), screen: null, heading: "", language: null, dialog: null, hint: null, spoken: false, returnTo: null };

  function draw(state) {
    const screen = screenOf(state);
    const t = translator(state.language);
    const fmt = formats(state.language, state.kiosk?.timeZone);
    setDocument(state, screen);
    if (state.dialog && !shown.dialog) shown.returnTo = document.activeElement;
    const showConsole = wantsConsole && state.config?.devhost === true;
    patchChildren(root, frame({ state, screen, t, fmt, act: app.act, video: app.camera.video, trace: showConsole ? app.trace : null }));
    moveFocus(state, screen);
    speak(state, screen, t);
    const sound = soundFor(shown, { state, screen });
    if (sound) play(sound);
    shown = { ...shown, state, screen, heading: heading(), language: state.language, dialog: state.dialog, hint: state.hint, spoken: state.spoken };
  }

  /** Another screen, or the next question on the same one. Hints come and go by themselves and take nobody's focus. */
  function arrived(state, screen) {
    if (screen !== shown.screen) return true;
    return heading() !== shown.heading && state.language === shown.language && screen !== "identifying";
  }

  const heading = () => root.querySelector(".screen .title")?.textContent ?? "";

  function moveFocus(state, screen) {
    if (arrived(state, screen)) focusScreen(root);
    else if (shown.dialog && !state.dialog) (shown.returnTo?.isConnected ? shown.returnTo : root.querySelector(".title"))?.focus();
  }

  function speak(state, screen, t) {
    if (!state.spoken || ["recording", "opening"].includes(state.voice.mode)) return;
    const fresh = arrived(state, screen) || state.language !== shown.language || !shown.spoken;
    const words = fresh ? [...root.querySelectorAll(`.screen :is(${SPOKEN})`)].map(spokenWords) : [];
    if (state.hint && (fresh || state.hint !== shown.hint)) words.push({ text: t(`hint.${state.hint}`), language: state.language });
    if (words.length > 0) say(words);
  }

  app.store.subscribe(draw);
  draw(app.store.get());
  document.addEventListener("keydown", routeKey);
}

function setDocument(state, screen) {
  const html = document.documentElement;
  if (html.lang !== state.language) {
    html.lang = state.language;
    html.dir = direction(state.language);
  }
  html.dataset.screen = screen;
  html.dataset.reach = state.reach;
  html.dataset.contrast = state.contrast;
  if (state.config && document.title !== state.config.bank) document.title = state.config.bank;
}

/** What an element says, in its own language: English digits are read in English on every page. */
const spokenWords = (element) => ({ text: element.textContent.trim(), language: element.closest("[lang]").lang });

function focusScreen(root) {
  const target = root.querySelector(".screen [data-autofocus]") ?? root.querySelector(".screen .title");
  target?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** What is typed anywhere on a screen lands in its one field: digits where there is a keypad, letters where there is a name. */
function routeKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLElement && event.target.matches("input, select, textarea")) return;
  if (/^([0-9+]|Backspace)$/.test(event.key)) document.querySelector('[data-field="keypad"]')?.focus();
  else if (/^\p{L}$/u.test(event.key)) document.querySelector('[data-field="name"]')?.focus();
}
