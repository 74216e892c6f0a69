/** Words for what the server names: a catalogue entry, or the name itself made readable, so that a new one is never blank. */
export const readable = (name) => {
  const words = String(name).replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** @param {(key: string) => string} t @param {string} group "outcome", "reason", "what", … */
export function label(t, group, name) {
  if (name === null || name === undefined || name === "") return "";
  const key = `${group}.${name}`;
  const text = t(key);
  return text === key ? readable(name) : text;
}

/** `{seq: 4, why: null}` as `[["Picture", "4"]]`: flat, without what is empty. */
export function facts(t, values) {
  return Object.entries(values ?? {})
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => [label(t, "fact", name), shown(t, name, value)]);
}

function shown(t, name, value) {
  if (name === "reason") return label(t, "reason", value);
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
