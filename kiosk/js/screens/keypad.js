/** The keypad on the screen. Its digits stay in telephone order in every writing direction. */
import { h } from "../dom.js";
import { icon } from "./parts.js";

/**
 * @param {{t: Function, value: string, onvalue: (value: string) => void, extra?: "+" | "." | null,
 *   submit: {label: string, act: string, onclick: Function, disabled: boolean}}} pad
 */
export function keypad({ t, value, onvalue, extra = null, submit }) {
  const key = (label, name, onclick, kind = "") =>
    h("button", { type: "button", class: `key ${kind}`, key: name, "data-key": name, "aria-label": typeof label === "string" ? null : t(`key.${name}`), onclick }, label);
  const digit = (d) => key(d, d, () => onvalue(value + d));
  return h(
    "div",
    { class: "keypad-box" },
    h(
      "div",
      { class: "keypad", dir: "ltr", role: "group", "aria-label": t("key.group") },
      ..."123456789".split("").map(digit),
      extra ? key(extra, extra, () => onvalue(extra === "+" ? `+${value.replace("+", "")}` : value + extra)) : key(icon("clear"), "clear", () => onvalue(""), "minor"),
      digit("0"),
      key(icon("backspace"), "backspace", () => onvalue(value.slice(0, -1)), "minor"),
    ),
    h(
      "button",
      {
        type: "button",
        class: "button primary submit",
        "data-act": submit.act,
        "aria-disabled": submit.disabled ? "true" : null,
        onclick: submit.disabled ? null : submit.onclick,
      },
      h("span", {}, submit.label),
    ),
  );
}
