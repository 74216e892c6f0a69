/** Setting up an authenticator app: at the teller screen's account settings, or while registering. */
import { h } from "../dom.js";
import { CODE_LENGTH } from "../steps.js";
import { codeField } from "./fields.js";
import { keypad } from "./keypad.js";
import { alert, beside, button, buttons, icon, lead, note, problemText, title } from "./parts.js";

export function authenticator(ctx) {
  const { setup, ready } = ctx.state.authenticator;
  if (setup) return begun(ctx, setup);
  return ready ? done(ctx) : offer(ctx);
}

const back = ({ state, t, act }, label = t("back")) =>
  button({ label, act: "close-authenticator", kind: "quiet", icon: "back", disabled: state.busy !== null, onclick: act.closeAuthenticator });

function offer(ctx) {
  const { state, t, act } = ctx;
  const { setUp } = state.authenticator;
  const free = state.busy === null;
  return [
    icon("phone", "giant"),
    title(t("app.title")),
    lead(t("app.lead")),
    setUp !== null && note(setUp ? t("app.is_set_up") : t("app.none"), setUp ? "check" : "info"),
    alert(problemText(ctx)),
    buttons(
      button({ label: setUp ? t("app.replace") : t("app.set_up"), act: "begin-authenticator", kind: "primary", disabled: !free, onclick: act.beginAuthenticator }),
      setUp && button({ label: t("app.remove"), act: "remove-authenticator", kind: "danger", disabled: !free, onclick: act.removeAuthenticator }),
    ),
    buttons(back(ctx)),
  ];
}

/** The key in groups of four, as apps show it. */
const grouped = (secret) => secret.match(/.{1,4}/g).join(" ");

function begun(ctx, { secret, picture }) {
  const { state, t, act } = ctx;
  const { code } = state.authenticator;
  const words = [
    title(t("app.scan")),
    h(
      "div",
      { class: "setup" },
      h("img", { src: picture, alt: t("app.picture"), width: "220", height: "220" }),
      h("div", {}, h("p", { class: "small" }, t("app.key")), h("b", { class: "secret", dir: "ltr" }, grouped(secret)), lead(t("app.then"))),
    ),
    codeField({ t, value: code, length: CODE_LENGTH, oninput: act.setAppCode, onenter: act.confirmAuthenticator, invalid: state.problem === "wrong_app_code" }),
    alert(problemText(ctx)),
    buttons(back(ctx, t("app.later"))),
  ];
  const pad = keypad({
    t,
    value: code,
    onvalue: act.setAppCode,
    submit: { label: t("app.confirm"), act: "confirm-authenticator", onclick: act.confirmAuthenticator, disabled: code.length < CODE_LENGTH || state.busy !== null },
  });
  return beside(words, pad);
}

function done(ctx) {
  const { t, act } = ctx;
  return [icon("check", "giant good"), title(t("app.ready")), lead(t("app.ready_lead")), buttons(button({ label: t("ok"), act: "close-authenticator", kind: "primary", onclick: act.closeAuthenticator }))];
}
