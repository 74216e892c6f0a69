/** Form fields with their labels, and what was written in them. They keep their own text: nothing redraws over typing. */
import { h } from "/kiosk/js/dom.js";

const initial = (value) => (element) => {
  if (value !== undefined && value !== null) element.value = value;
};

/** @param {{name: string, label: string, type?: string, value?: any, hint?: string, options?: [string, string][], required?: boolean}} spec */
export function field({ name, label, type = "text", value, hint, options, key, wide, id = `field-${name}`, ...rest }) {
  const shared = { id, name, "aria-describedby": hint ? `${id}-hint` : null, ...rest };
  if (type === "checkbox") {
    const box = h("input", { type: "checkbox", ...shared, ...(value === undefined ? {} : { checked: Boolean(value) }) });
    return h("label", { class: "field check", key: key ?? id }, box, h("span", {}, label));
  }
  const control =
    type === "select"
      ? h(
          "select",
          { ...shared, ...(value === undefined ? {} : { value }) },
          options.map(([choice, words]) => h("option", { value: choice, key: choice }, words)),
        )
      : type === "textarea"
        ? h("textarea", { rows: "3", ...shared, mount: initial(value) })
        : h("input", { type, autocomplete: "off", ...shared, mount: initial(value) });
  return h(
    "div",
    { class: `field ${wide ? "wide" : ""}`, key: key ?? id },
    h("label", { for: id }, label),
    control,
    hint && h("small", { id: `${id}-hint` }, hint),
  );
}

/** One of several, as radio buttons. @param {[string, string][]} options */
export const choice = ({ name, label, options, required }) =>
  h(
    "fieldset",
    { class: "field", key: `field-${name}` },
    h("legend", {}, label),
    options.map(([value, words]) =>
      h(
        "label",
        { class: "check", key: value },
        h("input", { type: "radio", name, value, required: required || null }),
        h("span", {}, words),
      ),
    ),
  );

/** Why an operator acts; the limits are the server's. */
export const groundFields = (t, { caseNeeded = false } = {}) => [
  {
    name: "reason",
    label: t("ground.reason"),
    type: "textarea",
    required: true,
    minlength: "5",
    maxlength: "200",
    hint: t("ground.reason_hint"),
  },
  { name: "case", label: t(caseNeeded ? "ground.case" : "ground.case_optional"), maxlength: "40", required: caseNeeded || null },
];

/** What a form holds: texts trimmed, empty ones null, ticks as booleans. @returns {Record<string, any>} */
export function written(form) {
  const values = {};
  for (const element of form.elements) {
    if (!element.name) continue;
    if (element.type === "checkbox") values[element.name] = element.checked;
    else if (element.type === "radio") values[element.name] = element.checked ? element.value : (values[element.name] ?? null);
    else if (element.type === "file") values[element.name] = element.files[0] ?? null;
    else values[element.name] = element.value.trim() || null;
  }
  return values;
}
