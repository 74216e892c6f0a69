/** Bars as SVG with one pixel a unit; what they show stands in a table beside them, so the picture has one short name only. */
import { h } from "/kiosk/js/dom.js";

const TOP = 12;
const FOOT = 34;
const LEFT = 44;

/** A round number at or above the highest bar, and the lines below it. */
export function scale(most) {
  const step =
    [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 50_000].find((one) => most / one <= 5) ?? Math.ceil(most / 5);
  const top = Math.max(step, Math.ceil(most / step) * step);
  return { top, lines: Array.from({ length: top / step + 1 }, (_, i) => i * step) };
}

/**
 * Upright bars in stacked parts.
 * @param {{width: number, height: number, name: string, bars: {label: string, title: string, mark: boolean, parts: {kind: string, value: number}[]}[]}} chart
 */
export function columns({ width, height, name, bars }) {
  const { top, lines } = scale(Math.max(1, ...bars.map((bar) => total(bar))));
  const y = (value) => TOP + (height - TOP - FOOT) * (1 - value / top);
  const room = (width - LEFT) / Math.max(1, bars.length);
  const thick = Math.max(1, Math.min(44, room * 0.78));
  return h(
    "svg",
    { class: "chart", width: String(width), height: String(height), viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name },
    lines.map((line) => [
      h("line", { key: `l${line}`, class: "grid-line", x1: String(LEFT), x2: String(width), y1: String(y(line)), y2: String(y(line)) }),
      h("text", { key: `t${line}`, class: "axis", x: String(LEFT - 8), y: String(y(line) + 4), "text-anchor": "end" }, String(line)),
    ]),
    bars.map((bar, i) => column(bar, LEFT + room * (i + 0.5), thick, y, height)),
  );
}

const total = (bar) => bar.parts.reduce((sum, part) => sum + part.value, 0);

function column(bar, x, thick, y, height) {
  let base = 0;
  const parts = bar.parts
    .filter((part) => part.value > 0)
    .map((part) => {
      const [low, high] = [y(base), y(base + part.value)];
      base += part.value;
      return h("rect", {
        key: part.kind,
        class: `part ${part.kind}`,
        x: String(x - thick / 2),
        y: String(high),
        width: String(thick),
        height: String(Math.max(0, low - high - 0.75)),
      });
    });
  return h(
    "g",
    { key: bar.label + x },
    h("title", {}, bar.title),
    parts,
    bar.mark && h("text", { class: "axis", x: String(x), y: String(height - 12), "text-anchor": "middle" }, bar.label),
  );
}

/** Lying bars with their names and numbers. @param {{label: string, value: number, kind?: string, share: number}[]} rows */
export const rows = (list) =>
  h(
    "ul",
    { class: "hbars" },
    list.map(({ label, value, share, kind = "", text }) =>
      h(
        "li",
        { key: label },
        h("span", { class: "hbar-name" }, label),
        h("span", { class: "hbar", "aria-hidden": "true" }, h("span", { class: `hbar-fill ${kind}`, vars: { "--share": String(share) } })),
        h("b", {}, text ?? String(value)),
      ),
    ),
  );
