/**
 * Addresses of the console's states. They stand behind the `#`, which no server and no log sees; ids only, no names.
 * `#/visits?kiosk=K7&when=today` is the view `visits` with its query.
 */

/** @returns {{parts: string[], query: Record<string, string>, path: string}} */
export function parse(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decoded);
  return { parts, query: Object.fromEntries(new URLSearchParams(search)), path: parts.join("/") };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string[]} parts @param {object} query values that are empty are left out */
export function address(parts, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false);
  const search = given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
  return `#/${parts.map(encodeURIComponent).join("/")}${search}`;
}

/** Goes there; `replace` leaves no step in the history. */
export function go(hash, { replace = false } = {}) {
  if (replace) {
    history.replaceState(history.state, "", hash);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else location.hash = hash;
}
