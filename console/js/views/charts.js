/** Numbers that people look at: visits and grants by hour, why visits were denied, how long a grant takes, each kiosk. */
import { h } from "/kiosk/js/dom.js";
import { now } from "/kiosk/js/clock.js";
import { queryString } from "../api.js";
import { rows } from "../chart.js";
import { field, written } from "../fields.js";
import { empty, fetched, link, panel, table } from "../parts.js";
import { address, go } from "../router.js";
import { number } from "../times.js";
import { hours } from "./chart-hours.js";
import { range, whenOf, zoneOfQuery } from "../visit-query.js";

const PERIODS = ["24h", "today", "yesterday", "7d", "30d"];

export function chartsView(page) {
  const { app, t } = page;
  const zone = () => zoneOfQuery(app, page.query);
  const charts = page.resource(() =>
    app.call("GET", `/api/charts${queryString({ kiosk: page.query.kiosk, ...range(page.query, zone(), now()) })}`),
  );
  charts.reload();
  page.listen(window, "resize", page.changed);
  return {
    moved: () => charts.reload(),
    render: () => ({
      title: t("section.charts"),
      wide: true,
      body: [form(page), fetched(app, charts, (data) => shown(page, data, zone()))],
    }),
  };
}

function form({ app, t, query }) {
  const chosen = (event) => {
    const { kiosk, when } = written(event.currentTarget);
    go(address(["charts"], { kiosk, when: when === "24h" ? null : when }), { replace: true });
  };
  return h(
    "form",
    { class: "filters", onchange: chosen, onsubmit: (event) => event.preventDefault(), "aria-label": t("filter.label") },
    field({
      name: "kiosk",
      label: t("visit.kiosk"),
      type: "select",
      value: query.kiosk ?? "",
      options: [["", t("filter.all_kiosks")], ...(app.kiosks ?? []).map(({ id, name }) => [id, `${id} ${name}`])],
    }),
    field({
      name: "when",
      label: t("filter.when"),
      type: "select",
      value: whenOf(query),
      options: PERIODS.map((name) => [name, t(`when.${name}`)]),
    }),
  );
}

function shown(page, data, zone) {
  const { t } = page;
  const sum = (name) => data.hours.reduce((total, hour) => total + hour[name], 0);
  if (sum("visits") === 0) return empty(t("charts.none"), "chart");
  const { medianS, p95S } = data.timeToGrant;
  return [
    h(
      "dl",
      { class: "figures" },
      figure(t("charts.visits"), number(sum("visits"))),
      figure(t("charts.granted"), number(sum("granted")), t("charts.share", { share: percent(sum("granted"), sum("visits")) })),
      figure(t("charts.denied"), number(sum("denied")), t("charts.share", { share: percent(sum("denied"), sum("visits")) })),
      figure(
        t("charts.median"),
        medianS === null || medianS === undefined ? "–" : t("charts.seconds", { seconds: number(Math.round(medianS)) }),
        p95S === null || p95S === undefined ? null : t("charts.p95", { seconds: number(Math.round(p95S)) }),
      ),
    ),
    hours(page, data.hours, zone),
    h("div", { class: "two" }, reasons(page, data.reasons), kiosks(page, data.kiosks)),
  ];
}

const figure = (name, value, more) =>
  h("div", { class: "figure" }, h("dt", {}, name), h("dd", {}, h("b", {}, value), more && h("small", {}, more)));
const percent = (part, whole) =>
  new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 }).format(whole ? part / whole : 0);

function reasons({ app, t, query }, list) {
  const most = Math.max(1, ...list.map(({ count }) => count));
  const sorted = [...list].sort((a, b) => b.count - a.count);
  return panel(
    t("charts.reasons"),
    list.length
      ? rows(sorted.map(({ reason, count }) => ({ label: app.label("reason", reason), value: count, share: count / most, kind: "denied" })))
      : h("p", { class: "soft" }, t("charts.no_denied")),
    list.length > 0 &&
      h("p", {}, link(address(["visits"], { kiosk: query.kiosk, when: query.when, outcome: "denied" }), t("charts.see_denied"))),
  );
}

function kiosks({ app, t, query }, list) {
  const names = new Map((app.kiosks ?? []).map(({ id, name }) => [id, name]));
  const head = [
    { head: t("visit.kiosk") },
    { head: t("charts.visits"), class: "number" },
    { head: t("charts.granted"), class: "number" },
    { head: t("charts.denied"), class: "number" },
  ];
  return panel(
    t("charts.by_kiosk"),
    table(
      t("charts.by_kiosk"),
      head,
      list.map((one) => [
        link(address(["visits"], { kiosk: one.kiosk, when: query.when }), `${one.kiosk} ${names.get(one.kiosk) ?? ""}`),
        number(one.visits),
        number(one.granted),
        number(one.denied),
      ]),
    ),
  );
}
