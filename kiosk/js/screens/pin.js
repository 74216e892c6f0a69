import { h } from "../dom.js";
import { CODE_LENGTH } from "../steps.js";
import { codeField } from "./fields.js";
import { keypad } from "./keypad.js";
import { alert, beside, button, buttons, countdown, icon, lead, note, problemText, title } from "./parts.js";

const LATE_MS = 25_000;

const greeting = ({ state, t }) => {
  const name = state.view.customer?.givenName;
  if (state.view.state === "enrolling") return t("pin.title_new");
  return name ? t("welcome.name", { name }) : t("pin.title");
};

export function pin(ctx) {
  const { state, t, act } = ctx;
  const code = state.view.pin;
  if (!code) return [title(greeting(ctx)), lead(t("pin.preparing"))];
  if (code.sms === "waiting" && !(state.codeBy === "app" && code.app)) return beforeSending(ctx, code);
  const left = code.expiresAt ? Math.max(0, Date.parse(code.expiresAt) - state.now) : null;
  const byApp = state.codeBy === "app" && code.app;
  const expired = left === 0 && !byApp;
  const words = [
    title(greeting(ctx)),
    lead(byApp ? t("pin.app_lead") : t(`sms.${code.sms}`, { ending: code.phoneEnding })),
    codeField({
      t,
      value: state.code,
      length: CODE_LENGTH,
      oninput: act.setCode,
      onenter: act.submitCode,
      invalid: state.problem === "wrong_code",
      describedby: "code-facts",
    }),
    alert(message(ctx, expired)),
    h("div", { class: "facts", id: "code-facts" }, attemptsLeft(ctx, code), left !== null && !expired && !byApp && countdown(t("pin.valid"), ctx.fmt.clock(left), left < 30_000)),
    !byApp && late(ctx, code),
    buttons(
      !byApp && resend(ctx, code, expired || code.sms === "failed"),
      code.app && otherWay(ctx, byApp),
      button({ label: t("pin.no_phone"), act: "assistance", kind: "quiet", icon: "staff", onclick: act.assistance }),
    ),
  ];
  return beside(words, pad(ctx, expired));
}

const pad = ({ state, t, act }, expired) =>
  keypad({
    t,
    value: state.code,
    onvalue: act.setCode,
    submit: {
      label: state.busy === "pin" ? t("checking.short") : t("ok"),
      act: "submit-pin",
      onclick: act.submitCode,
      disabled: state.code.length < CODE_LENGTH || state.busy !== null || expired,
    },
  });

function beforeSending({ state, t, act }, code) {
  return [
    title(greeting({ state, t })),
    lead(t("sms.waiting", { ending: code.phoneEnding })),
    code.app && otherWay({ t, act }, false),
    button({ label: t("pin.send"), act: "send-code", kind: "primary huge", icon: "phone", onclick: act.sendCode, disabled: state.busy !== null }),
    buttons(button({ label: t("pin.no_phone"), act: "assistance", kind: "quiet", icon: "staff", onclick: act.assistance })),
  ];
}

const otherWay = ({ t, act }, byApp) =>
  button({ label: byApp ? t("pin.use_message") : t("pin.use_app"), act: byApp ? "use-message" : "use-app", kind: "quiet", icon: byApp ? "phone" : "shield", onclick: () => act.setCodeBy(byApp ? "message" : "app") });

function message(ctx, expired) {
  if (ctx.state.held === "pin") return ctx.t("held");
  if (expired) return ctx.t(ctx.state.view.pin.sendsLeft > 0 ? "problem.pin_expired" : "problem.no_sends_left");
  return problemText(ctx);
}

const attemptsLeft = ({ t }, code) =>
  h("p", { class: "attempts" }, icon("shield"), h("span", {}, t("pin.attempts", { count: code.attemptsLeft })));

function late({ state, t }, code) {
  const waited = state.now - state.since;
  const sent = ["sent", "delivered", "unknown"].includes(code.sms);
  return sent && state.code === "" && waited > LATE_MS ? note(t("pin.late"), "clock") : null;
}

function resend({ state, t, act, fmt }, code, needed) {
  if (code.sendsLeft === 0) return null;
  const wait = code.resendAt ? Math.max(0, Date.parse(code.resendAt) - state.now) : 0;
  const label = wait > 0 ? t("pin.resend_in", { time: fmt.clock(wait) }) : t("pin.resend");
  return button({ label, act: "resend", kind: needed ? "primary" : "quiet", icon: "retry", disabled: wait > 0 || state.busy !== null, onclick: act.resend });
}
