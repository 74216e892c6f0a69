/** Visits by hour: bars, and the same numbers as a table. */
import { h } from "/kiosk/js/dom.js";
import { columns } from "../chart.js";
import { panel, table } from "../parts.js";
import { day, minute, number } from "../times.js";

const WIDEST = 1180;
const HOUR = 3_600_000;

export function hours({ t }, told, zone) {
  const list = withEmptyHours(told);
  const width = Math.min(WIDEST, Math.max(300, (document.querySelector(".view")?.clientWidth ?? 900) - 48));
  const every = Math.max(1, Math.ceil(list.length / (width / 64)));
  const many = list.length > 48;
  const other = (hour) => Math.max(0, hour.visits - hour.granted - hour.denied);
  const bars = list.map((hour, i) => ({
    label: many ? day(hour.at, zone).slice(0, 6) : minute(hour.at, zone),
    title: t("charts.hour", {
      at: `${day(hour.at, zone)}, ${minute(hour.at, zone)}`,
      visits: hour.visits,
      granted: hour.granted,
      denied: hour.denied,
    }),
    mark: i % every === 0,
    parts: [
      { kind: "granted", value: hour.granted },
      { kind: "denied", value: hour.denied },
      { kind: "other", value: other(hour) },
    ],
  }));
  return panel(
    t("charts.by_hour"),
    h(
      "p",
      { class: "legend" },
      ["granted", "denied", "other"].map((kind) =>
        h("span", { key: kind }, h("i", { class: `key ${kind}`, "aria-hidden": "true" }), t(`charts.${kind}`)),
      ),
      h("span", { class: "soft" }, t("charts.zone", { zone })),
    ),
    columns({ width, height: 260, name: t("charts.by_hour_alt"), bars }),
    numbers(
      t,
      t("charts.by_hour"),
      [t("charts.hour_head"), t("charts.visits"), t("charts.granted"), t("charts.denied")],
      list.map((hour) => [
        `${day(hour.at, zone)}, ${minute(hour.at, zone)}`,
        number(hour.visits),
        number(hour.granted),
        number(hour.denied),
      ]),
    ),
  );
}

/** Hours in which nobody came are not told, but an empty place belongs there. */
function withEmptyHours(hours) {
  const told = new Map(hours.map((hour) => [Date.parse(hour.at), hour]));
  const [first, last] = [Math.min(...told.keys()), Math.max(...told.keys())];
  return Array.from(
    { length: (last - first) / HOUR + 1 },
    (_, i) => told.get(first + i * HOUR) ?? { at: new Date(first + i * HOUR).toISOString(), visits: 0, granted: 0, denied: 0 },
  );
}

const numbers = (t, caption, heads, list) =>
  h(
    "details",
    {},
    h("summary", {}, t("charts.as_table")),
    table(
      caption,
      heads.map((head, i) => ({ head, class: i ? "number" : null })),
      list,
    ),
  );
