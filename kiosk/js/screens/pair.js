import { h } from "../dom.js";
import { alert, button, lead, problemText, title } from "./parts.js";

/** For staff: the one-time code from the console makes this device a kiosk. */
export function pair(ctx) {
  const { state, t, act } = ctx;
  const { code, busy, problem } = state.pairing;
  return [
    title(t("pair.title")),
    lead(t("pair.lead")),
    h(
      "label",
      { class: "field" },
      h("span", {}, t("pair.code")),
      h("input", {
        type: "text",
        class: "pair-code",
        dir: "ltr",
        autocomplete: "off",
        autocapitalize: "characters",
        spellcheck: "false",
        "data-field": "pairing",
        "data-autofocus": true,
        value: code,
        oninput: (event) => act.setPairing(event.target.value),
        onkeydown: (event) => event.key === "Enter" && act.pair(),
      }),
    ),
    alert(problem && problemText({ state: { ...state, problem }, t })),
    button({ label: busy ? t("pair.busy") : t("pair.go"), act: "pair", kind: "primary", disabled: busy || code.trim() === "", onclick: act.pair }),
  ];
}
