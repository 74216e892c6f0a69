/** Letters on the screen, for a kiosk that has no keyboard. */
import { h } from "../dom.js";
import { LAYER_NAMES, layersFor, rowsOf, typed } from "../layouts.js";
import { icon } from "./parts.js";

/**
 * @param {{t: Function, language: string, layer: string | null, value: string, onvalue: (value: string) => void,
 *   onlayer: (layer: string) => void}} board `layer` null: the language's own
 */
export function keyboard({ t, language, layer, value, onvalue, onlayer }) {
  const layers = layersFor(language);
  const shown = layers.includes(layer) ? layer : layers[0];
  const key = (label, name, onclick, kind = "") =>
    h("button", { type: "button", class: `letter ${kind}`, key: name, "data-key": name, "aria-label": typeof label === "string" ? null : t(`key.${name}`), onclick }, label);
  return h(
    "div",
    { class: "keyboard", role: "group", "aria-label": t("key.letters") },
    rowsOf(shown, value).map((row, i) => h("div", { class: "letters", key: `${shown}-${i}`, dir: shown === "arabic" ? "rtl" : "ltr" }, row.map((letter) => key(letter, letter, () => onvalue(typed(value, letter)))))),
    h(
      "div",
      { class: "letters" },
      layers.filter((one) => one !== shown).map((one) => key(LAYER_NAMES[one], `layer-${one}`, () => onlayer(one), "wide minor")),
      key(t("key.space"), "space", () => onvalue(`${value} `), "widest"),
      key(icon("backspace"), "erase", () => onvalue([...value].slice(0, -1).join("")), "wide minor"),
    ),
  );
}
