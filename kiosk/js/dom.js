/**
 * Trees of plain objects and one function that makes the document equal to them. It keeps elements that stay, so focus,
 * a playing video and a half-typed field survive. No markup strings anywhere: text is always text.
 */
const SVG = "http://www.w3.org/2000/svg";
const AS_PROPERTY = new Set(["value", "checked", "srcObject", "muted", "selected"]);

/**
 * @param {string} tag
 * @param {object} props attributes; `on…` handlers; `key`; `vars` (CSS custom properties); `mount(el)` after insertion;
 *   `host` (an element that lives inside this one and looks after itself)
 */
export function h(tag, props, ...children) {
  const { key, ...rest } = props ?? {};
  return { tag, key, props: rest, children: children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false) };
}

/** Makes `element`'s children equal to `nodes`. */
export function patchChildren(element, nodes) {
  const old = [...element.childNodes];
  const reused = nodes.map((node) => take(old, node));
  for (const leftover of old) leftover.remove();
  const wanted = nodes.map((node, index) => reused[index] ?? create(node, element));
  arrange(element, wanted);
  nodes.forEach((node, index) => {
    update(wanted[index], node);
    if (!reused[index] && node.props?.mount) node.props.mount(wanted[index]);
  });
}

/** Puts the children in order. An element that is moved loses the focus, so the others move round the one that has it. */
function arrange(element, wanted) {
  const inOrder = wanted.every((child, index) => child === element.childNodes[index]);
  if (inOrder) return;
  const still = wanted.findIndex((child) => child.contains(document.activeElement));
  for (let i = still - 1; i >= 0; i--) if (wanted[i].nextSibling !== wanted[i + 1]) element.insertBefore(wanted[i], wanted[i + 1]);
  for (let i = still + 1; i < wanted.length; i++) {
    const next = i === 0 ? element.firstChild : wanted[i - 1].nextSibling;
    if (next !== wanted[i]) element.insertBefore(wanted[i], next);
  }
}

function take(old, node) {
  const found = old.findIndex((candidate) =>
    typeof node === "object"
      ? candidate.nodeType === 1 && candidate.localName === node.tag && candidate.vkey === node.key
      : candidate.nodeType === 3,
  );
  return found < 0 ? null : old.splice(found, 1)[0];
}

function create(node, parent) {
  if (typeof node !== "object") return document.createTextNode("");
  const svg = node.tag === "svg" || (parent.namespaceURI === SVG && parent.localName !== "foreignObject");
  const element = svg ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  element.vkey = node.key;
  element.vprops = {};
  return element;
}

function update(element, node) {
  if (typeof node !== "object") {
    const text = String(node);
    if (element.data !== text) element.data = text;
    return;
  }
  if (element.vnode === node) return; // the very same description as last time: a caller that keeps it says that nothing changed
  element.vnode = node;
  const before = element.vprops;
  for (const name of Object.keys(before)) if (!(name in node.props)) assign(element, name, null);
  for (const [name, value] of Object.entries(node.props)) {
    if (AS_PROPERTY.has(name) ? element[name] !== value : before[name] !== value) assign(element, name, value);
  }
  element.vprops = node.props;
  if (node.props.host) return void (element.firstChild ?? element.append(node.props.host));
  patchChildren(element, node.children);
  // A select can only take its value once its options exist.
  if (element.localName === "select" && "value" in node.props) element.value = node.props.value;
}

function assign(element, name, value) {
  if (name === "mount" || name === "host") return;
  if (name.startsWith("on")) listen(element, name.slice(2), value);
  else if (name === "vars") for (const [key, v] of Object.entries(value ?? {})) element.style.setProperty(key, v);
  else if (AS_PROPERTY.has(name)) element[name] = value ?? (name === "value" ? "" : null);
  else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function listen(element, type, handler) {
  element.vhandlers ??= {};
  if (!(type in element.vhandlers)) element.addEventListener(type, (event) => element.vhandlers[type]?.(event));
  element.vhandlers[type] = handler;
}
