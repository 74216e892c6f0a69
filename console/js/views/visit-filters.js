/** The form above the list of visits. Each change asks anew; the address follows. */
import { h } from "/kiosk/js/dom.js";
import { now } from "/kiosk/js/clock.js";
import { field, written } from "../fields.js";
import { icon, linkButton } from "../parts.js";
import { address } from "../router.js";
import { zoneName } from "../times.js";
import { fieldsOf, OUTCOMES, REASONS, WHEN, whenOf } from "../visit-query.js";

const TYPED = new Set(["reference", "from", "to"]);

/** @param {(values: Record<string, any>) => void} chosen */
export function visitFilters(page, zone, chosen) {
  const { app, t, query } = page;
  const when = whenOf(query);
  const read = (event) => {
    const values = { person: query.person, claimed: query.claimed, ...fieldsOf(query, zone, now()), ...written(event.currentTarget) };
    // A time that nobody chose goes with the question: a reference is looked for in all of the year.
    chosen(values.when === when && !query.when && when !== "custom" ? { ...values, when: null } : values);
  };
  const all = (words, group, names) => [["", words], ...names.map((name) => [name, app.label(group, name)])];
  return h(
    "form",
    {
      class: "filters",
      role: "search",
      "aria-label": t("filter.label"),
      onchange: (event) => !TYPED.has(event.target.name) && read(event),
      onfocusout: (event) => left(page, zone, event) && read(event),
      onsubmit: (event) => submitted(app, event, read),
      key: "filters",
    },
    field({
      name: "kiosk",
      label: t("visit.kiosk"),
      type: "select",
      value: query.kiosk ?? "",
      options: [["", t("filter.all_kiosks")], ...(app.kiosks ?? []).map((kiosk) => [kiosk.id, `${kiosk.id} ${kiosk.name}`])],
    }),
    field({ name: "when", label: t("filter.when"), type: "select", value: when, options: WHEN.map((name) => [name, t(`when.${name}`)]) }),
    when === "custom" && customTimes(page, zone),
    field({
      name: "outcome",
      label: t("visit.outcome"),
      type: "select",
      value: query.outcome ?? "",
      options: all(t("filter.all"), "outcome", OUTCOMES),
    }),
    query.outcome === "denied" &&
      field({
        name: "reason",
        id: "filter-reason",
        label: t("visit.reason"),
        type: "select",
        value: query.reason ?? "",
        options: all(t("filter.all"), "reason", REASONS),
      }),
    field({
      name: "reference",
      label: t("visit.reference"),
      value: query.reference ?? "",
      key: `reference ${query.reference ?? ""}`,
      maxlength: "12",
      placeholder: "K7-4F2Q",
      size: "10",
      spellcheck: "false",
      pattern: "[A-Za-z0-9]{1,8}-[A-Za-z0-9]{4}",
    }),
    h(
      "div",
      { class: "ticks" },
      field({ name: "faces", label: t("filter.unknown"), type: "checkbox", value: query.faces === "unknown" }),
      field({ name: "two", label: t("filter.two"), type: "checkbox", value: query.two === "true" }),
      field({ name: "held", label: t("filter.held"), type: "checkbox", value: query.held === "true" }),
    ),
    (query.person || query.claimed) &&
      h(
        "p",
        { class: "chip", key: "person" },
        icon("person"),
        t(query.person ? "filter.person" : "filter.claimed"),
        linkButton({
          label: t("filter.person_off"),
          href: address(["visits"], { ...query, person: null, claimed: null }),
          act: "person-off",
          kind: "quiet",
          icon: "close",
        }),
      ),
    Object.keys(query).length > 0 && linkButton({ label: t("filter.clear"), href: address(["visits"]), act: "clear", kind: "quiet" }),
    h("p", { class: "small zone" }, t("filter.zone", { zone: named(zone) })),
  );
}

/** "Asia/Tokyo, GMT+9" */
function named(zone) {
  const short = zoneName(new Date(now()).toISOString(), zone);
  return short === zone ? zone : `${zone}, ${short}`;
}

/** The key makes them new fields when the zone or the address says something else. */
function customTimes({ t, query }, zone) {
  const { from, to } = fieldsOf(query, zone, now());
  return [
    field({ name: "from", label: t("filter.from"), type: "datetime-local", value: from, key: `from ${query.from} ${zone}` }),
    field({ name: "to", label: t("filter.to"), type: "datetime-local", value: to, key: `to ${query.to} ${zone}` }),
  ];
}

/** A time is asked for when its field is left: while somebody types, each digit makes another time. */
function left({ query }, zone, { target }) {
  return (
    (target.name === "from" || target.name === "to") && target.value !== "" && target.value !== fieldsOf(query, zone, now())[target.name]
  );
}

/** The field that Enter was pressed in may be made anew; it keeps the focus. */
function submitted(app, event, read) {
  event.preventDefault();
  const { id } = document.activeElement;
  read(event);
  app.drawNow();
  document.getElementById(id)?.focus();
}
