/** What stands around every screen: header, camera, progress, the way out, and the dialogs. */
import { h } from "../dom.js";
import { OWN_NAMES } from "../i18n.js";
import { canSpeak } from "../speech.js";
import { endingSoon, WARN_MS } from "../state.js";
import { console as consolePanel } from "./console.js";
import { helpLines } from "./endings.js";
import { screens } from "./index.js";
import { button, buttons, icon } from "./parts.js";

const LARGE = new Set(["identifying", "challenge", "capture", "locked"]);
const HIDDEN = new Set(["boot", "pair", "offline", "camera", "final"]);
const MINI = new Set(["teller", "cash", "receipt", "service", "authenticator", "consent", "name", "number"]);

export function frame(ctx) {
  const { state, screen } = ctx;
  const stage = stageSize(screen);
  return [
    header(ctx),
    h(
      "main",
      { key: "main", class: "main", "data-stage": stage },
      stageView(ctx, stage),
      h(
        "div",
        { class: "panel", key: "panel" },
        progress(ctx),
        moreTime(ctx),
        h("section", { class: "screen", key: `screen-${screen}`, "data-screen": screen }, screens[screen](ctx)),
      ),
    ),
    footer(ctx),
    state.dialog && dialogs[state.dialog](ctx),
    ctx.trace && consolePanel(ctx),
  ].filter(Boolean);
}

function stageSize(screen) {
  if (screen === "attract") return "hero";
  if (LARGE.has(screen)) return "large";
  if (HIDDEN.has(screen)) return "hidden";
  return MINI.has(screen) ? "mini" : "small";
}

function header({ state, t, act }) {
  return h(
    "header",
    { class: "header", key: "header" },
    h("p", { class: "bank" }, icon("mark", "mark"), h("span", {}, h("b", {}, state.config?.bank ?? "Face ATM"), state.kiosk && h("small", {}, state.kiosk.name))),
    h("div", { class: "tools" }, languages({ state, t, act }), toggles({ state, t, act })),
  );
}

function languages({ state, t, act }) {
  const offered = (state.config?.languages ?? []).filter((language) => language in OWN_NAMES);
  if (offered.length < 2) return null;
  return h(
    "div",
    { class: "languages", role: "group", "aria-label": t("tools.language") },
    offered.map((language) =>
      h(
        "button",
        { type: "button", key: language, lang: language, class: "tool", "data-act": `language-${language}`, "aria-pressed": String(language === state.language), onclick: () => act.setLanguage(language) },
        OWN_NAMES[language],
      ),
    ),
  );
}

function toggles({ state, t, act }) {
  const toggle = (name, picture, pressed, onclick) =>
    h(
      "button",
      { type: "button", key: name, class: "tool", "data-act": name, "aria-pressed": String(pressed), onclick },
      icon(picture),
      h("span", { class: "tool-words" }, t(`tools.${name}`)),
    );
  return h(
    "div",
    { class: "toggles", role: "group", "aria-label": t("tools.label") },
    canSpeak() && toggle("spoken", state.spoken ? "speaker-on" : "speaker", state.spoken, act.toggleSpoken),
    toggle("sounds", state.sounds ? "bell" : "bell-off", state.sounds, act.toggleSounds),
    toggle("contrast", "contrast", state.contrast === "more", act.toggleContrast),
    toggle("reach", "reach", state.reach === "low", act.toggleReach),
  );
}

function stageView(ctx, size) {
  const { state, t, video, screen } = ctx;
  const looking = state.camera === "on";
  const mood = state.hint ? "attention" : good(ctx) ? "good" : "calm";
  return h(
    "section",
    { class: "stage", key: "stage", "data-size": size, "data-mood": mood, "aria-label": t("stage.label") },
    h("div", { class: "mirror", key: "mirror" }, h("div", { class: "mirror-video", key: "video", host: video, "aria-hidden": "true" }), guide(looking, screen)),
    h(
      "p",
      { class: "hint", key: "hint", role: "status", "data-hint": state.hint ?? "" },
      state.hint && [icon(`hint-${state.hint.replaceAll("_", "-")}`), h("span", {}, t(`hint.${state.hint}`))],
    ),
  );
}

function good({ state, screen }) {
  return screen === "attract" ? state.seen : state.view?.factors?.face === "passed" && state.view.presence === "ok";
}

const guide = (looking, screen) =>
  h("div", { class: "guide", key: "guide", "aria-hidden": "true" }, !looking && screen === "attract" && icon("face", "guide-face"));

const FACTORS = ["face", "pin", "voice"];
const STEPS = ["details", "capture", "pin", "phrases"];

/** How far the visit has come. */
function progress({ state, screen, t }) {
  const { view } = state;
  if (!view || state.teller || HIDDEN.has(screen) || ["choices", "claim", "assistance"].includes(screen)) return null;
  const registering = view.state === "enrolling";
  const steps = registering ? enrolmentSteps(view.enrolment?.step) : factorSteps(view);
  return h(
    "ol",
    { class: "progress", key: "progress", "aria-label": t("progress.label") },
    steps.map(({ name, status }) =>
      h(
        "li",
        { key: name, class: `step ${status}`, "aria-current": status === "current" ? "step" : null },
        icon(status === "done" ? "check" : `step-${name}`),
        h("span", {}, t(`progress.${name}`)),
        h("span", { class: "hidden" }, t(`progress.is_${status}`)),
      ),
    ),
  );
}

function factorSteps(view) {
  const current = FACTORS.find((name) => view.factors[name] !== "passed");
  return FACTORS.map((name) => ({ name, status: view.factors[name] === "passed" ? "done" : name === current ? "current" : "ahead" }));
}

function enrolmentSteps(step) {
  const at = STEPS.indexOf(step);
  const reached = at < 0 ? STEPS.length : at;
  return STEPS.map((name, i) => ({ name, status: i < reached ? "done" : i === reached ? "current" : "ahead" }));
}

/** Time runs out: said early enough, and one touch gives more of it. */
function moreTime({ state, t, act, fmt }) {
  const open = endingSoon(state) && state.view.state !== "ended" && state.view.state !== "denied";
  if (!open) return null;
  const left = Math.max(0, Math.min(WARN_MS, Date.parse(state.view.expiresAt) - state.now));
  return h(
    "div",
    { class: "more-time", key: "more-time" },
    h("p", { role: "alert" }, icon("clock"), h("span", {}, state.view.canExtend ? t("more_time.question") : t("more_time.last"))),
    h("b", { role: "timer" }, fmt.clock(left)),
    state.view.canExtend && button({ label: t("more_time.yes"), act: "more-time", kind: "primary", disabled: state.busy !== null, onclick: act.moreTime }),
  );
}

function footer({ state, t, act }) {
  const visiting = state.phase === "visit" && state.view !== null;
  return h(
    "footer",
    { class: "footer", key: "footer" },
    visiting &&
      h("p", { class: "recorded" }, icon("record", "live"), h("span", { class: "recorded-words" }, state.serverBusy ? t("footer.busy") : t("footer.recording")), h("span", { class: "reference-small", dir: "ltr" }, state.view.reference)),
    state.config && h(
      "div",
      { class: "footer-buttons" },
      button({ label: t("help.open"), act: "help", kind: "quiet", icon: "help", onclick: () => act.openDialog("help") }),
      visiting &&
        button({ label: t("terminate"), act: "terminate", kind: "danger", icon: "close", onclick: state.teller ? () => act.openDialog("terminate") : act.terminate }),
    ),
  );
}

const dialog = (ctx, name, ...children) =>
  h(
    "dialog",
    {
      key: `dialog-${name}`,
      class: "dialog",
      "aria-labelledby": "dialog-title",
      mount: (element) => element.showModal(),
      oncancel: (event) => {
        event.preventDefault();
        ctx.act.closeDialog();
      },
    },
    h("div", { class: "dialog-body" }, ...children),
  );

const CAN_CALL = new Set(["unknown", "ambiguous", "pin", "voice", "identifying", "challenge", "claiming", "enrolling"]);

const dialogs = {
  help(ctx) {
    const { state, t, act } = ctx;
    const callable = !state.teller && state.phase === "visit" && CAN_CALL.has(state.view?.state) && state.problem !== "assistance_by_phone";
    return dialog(
      ctx,
      "help",
      h("h2", { id: "dialog-title" }, t("help.title")),
      h("p", {}, state.problem === "assistance_by_phone" ? t("problem.assistance_by_phone") : t("help.lead")),
      helpLines(ctx),
      buttons(
        callable && button({ label: t("way.assistance"), act: "dialog-assistance", kind: "primary", icon: "staff", onclick: act.assistance }),
        button({ label: t("close"), act: "dialog-close", kind: callable ? "" : "primary", onclick: act.closeDialog }),
      ),
    );
  },
  terminate(ctx) {
    const { t, act } = ctx;
    return dialog(
      ctx,
      "terminate",
      h("h2", { id: "dialog-title" }, t("terminate.title")),
      h("p", {}, t("terminate.lead")),
      buttons(
        button({ label: t("terminate.stay"), act: "dialog-close", onclick: act.closeDialog }),
        button({ label: t("terminate.yes"), act: "terminate-yes", kind: "danger", icon: "close", onclick: act.terminate }),
      ),
    );
  },
};
