/** The small pieces that screens are made of. */
import { h } from "../dom.js";

/** A picture from the sheet; it always stands beside words, so it says nothing of its own. */
export const icon = (name, kind = "") =>
  h("svg", { class: `icon ${kind}`, "aria-hidden": "true", focusable: "false" }, h("use", { href: `/kiosk/img/icons.svg#${name}` }));

/** The one heading of a screen; it takes the focus when the screen appears. */
export const title = (text) => h("h1", { tabindex: "-1", class: "title" }, text);
export const lead = (text) => text && h("p", { class: "lead" }, text);

/**
 * @param {{label: string, act: string, onclick: Function, icon?: string, kind?: "primary" | "quiet" | "danger" | "tile",
 *   disabled?: boolean, hint?: string}} button `act` names it for tests, whatever the language
 */
export const button = ({ label, act, onclick, icon: picture, kind = "", disabled = false, hint = null, ...rest }) =>
  h(
    "button",
    { type: "button", class: `button ${kind}`, "data-act": act, onclick: disabled ? null : onclick, "aria-disabled": disabled ? "true" : null, ...rest },
    picture && icon(picture),
    h("span", { class: "button-words" }, h("span", {}, label), hint && h("small", {}, hint)),
  );

/** What is read on one side, the keypad on the other; below each other where there is no room. */
export const beside = (words, pad) => h("div", { class: "beside" }, h("div", { class: "beside-words" }, words), pad);

export const buttons = (...children) => h("div", { class: "buttons" }, ...children);

/** Something went wrong and the customer can do something about it. */
export const alert = (text) => text && h("p", { class: "notice bad", role: "alert" }, icon("alert"), h("span", {}, text));
export const note = (text, picture = "info") => text && h("p", { class: "notice" }, icon(picture), h("span", {}, text));

/** The sentence for the problem under the field, or null. */
export function problemText({ state, t }) {
  if (!state.problem) return null;
  const key = `problem.${state.problem}`;
  const text = t(key, { count: state.view?.pin?.attemptsLeft ?? 0 });
  return text === key ? t("problem.failed") : text;
}

export const spinner = (label) => h("p", { class: "spinner", role: "status" }, h("span", { class: "spin", "aria-hidden": "true" }), h("span", {}, label));

/** @param {number} share 0…1 */
export const bar = (share, label, kind = "") =>
  h(
    "div",
    { class: `bar ${kind}`, role: "progressbar", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(Math.round(share * 100)) },
    h("span", { class: "bar-fill", vars: { "--share": String(share) } }),
  );

/** A number of seconds left, for the eye; the announcements come from the page's live region. */
export const countdown = (label, text, urgent = false) =>
  h("p", { class: `countdown ${urgent ? "urgent" : ""}`, role: "timer" }, icon("clock"), h("span", {}, label), " ", h("b", {}, text));
