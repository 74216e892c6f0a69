/** Fields that take the physical keyboard, paste and the keypad alike. */
import { countries } from "../countries.js";
import { h } from "../dom.js";

const lists = new Map();

function countriesIn(language) {
  if (!lists.has(language)) lists.set(language, countries(language));
  return lists.get(language);
}

/** One code of six digits: six places to see, one field for keyboard, paste and screen readers. */
export function codeField({ t, value, length, oninput, onenter, invalid, describedby }) {
  return h(
    "div",
    { class: "code-field", dir: "ltr" },
    h("input", {
      id: "code",
      class: "code-input",
      type: "text",
      inputmode: "none",
      autocomplete: "one-time-code",
      "aria-label": t("pin.field", { count: length }),
      "aria-invalid": invalid ? "true" : null,
      "aria-describedby": describedby,
      "data-field": "keypad",
      value,
      oninput: (event) => oninput(event.target.value),
      onkeydown: (event) => event.key === "Enter" && onenter(),
    }),
    h(
      "div",
      { class: "code-places", "aria-hidden": "true" },
      Array.from({ length }, (_, i) => h("span", { class: `place ${i === value.length ? "next" : ""}` }, value[i] ?? "")),
    ),
  );
}

/** Country and number. @param {{region: string, number: string}} phone */
export function phoneField({ t, language, phone, onphone, onenter }) {
  return h(
    "div",
    { class: "phone-field" },
    h(
      "label",
      { class: "field" },
      h("span", {}, t("phone.country")),
      h(
        "select",
        { value: phone.region, "data-field": "country", onchange: (event) => onphone({ region: event.target.value }), disabled: phone.number.startsWith("+") },
        countriesIn(language).map(({ region, name, code }) => h("option", { key: region, value: region }, `${name} (+${code})`)),
      ),
    ),
    h(
      "label",
      { class: "field grow" },
      h("span", {}, t("phone.number")),
      h("input", {
        type: "tel",
        dir: "ltr",
        inputmode: "none",
        autocomplete: "off",
        "data-field": "keypad",
        value: phone.number,
        oninput: (event) => onphone({ number: event.target.value }),
        onkeydown: (event) => event.key === "Enter" && onenter?.(),
      }),
    ),
  );
}
