/** The rows of the list of visits: a grid whose current row the arrow keys move. */
import { h } from "/kiosk/js/dom.js";
import { thumbnailUrl } from "../api.js";
import { alert, button, holdTag, icon, outcomeTag, tag, time } from "../parts.js";
import { address } from "../router.js";
import { clock, day, length, number, zoneName } from "../times.js";
import { createWindow } from "../virtual.js";

const COLUMNS = ["picture", "when", "reference", "kiosk", "outcome", "person", "length"];

export function visitRows(page, list, place) {
  const { app, t } = page;
  let current = place.current ?? 0;
  const shownPictures = new Set();
  const kept = new WeakMap();
  const view = createWindow({
    count: () => list.items.length,
    changed: page.changed,
    nearEnd: () => list.error ?? list.more(),
    listen: page.listen,
  });

  function move(to) {
    current = Math.max(0, Math.min(list.items.length - 1, to));
    view.show(current);
    app.drawNow();
    document.getElementById(`visit-${current}`)?.focus({ preventScroll: true });
  }

  function key(event) {
    const inSight = Math.max(1, Math.floor(innerHeight / view.height) - 3);
    const steps = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + inSight,
      PageUp: current - inSight,
      Home: 0,
      End: list.items.length - 1,
    };
    if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(steps[event.key]);
  }

  /** A row that is as it was keeps its description, so that scrolling costs no more than the rows that come. */
  function row(index) {
    const visit = list.items[index];
    if (view.settled) shownPictures.add(visit.id);
    const mark = `${index} ${index === current} ${shownPictures.has(visit.id)}`;
    if (kept.get(visit)?.mark !== mark) kept.set(visit, { mark, node: described(index, visit) });
    return kept.get(visit).node;
  }

  function described(index, visit) {
    const cells = {
      picture:
        visit.thumbnail && app.may("visits_thumbnail") && shownPictures.has(visit.id)
          ? h("img", { src: thumbnailUrl(visit.id, visit.thumbnail), alt: "", width: "64", height: "48", decoding: "async" })
          : h("span", { class: "no-thumb" }, icon(visit.faces === "none" ? "camera-off" : "person")),
      when: time(visit.at, visit.timeZone, [
        h("b", {}, clock(visit.at, visit.timeZone)),
        h("small", {}, `${day(visit.at, visit.timeZone)} ${zoneName(visit.at, visit.timeZone)}`),
      ]),
      reference: h(
        "a",
        {
          id: `visit-${index}`,
          href: address(["visits", visit.id]),
          tabindex: index === current ? "0" : "-1",
          onfocus: () => focused(index),
          onclick: () => focused(index),
        },
        visit.reference,
      ),
      kiosk: [h("b", {}, visit.kiosk), h("small", {}, visit.kioskName)],
      outcome: [
        outcomeTag(app, visit.outcome),
        visit.outcome === "denied" && h("small", {}, app.label("reason", visit.reason)),
        visit.two && tag(t("visits.two"), "warm", "people"),
        visit.hold && holdTag(app),
      ],
      person: who(app, visit),
      length: length(visit.durationS),
    };
    return h(
      "div",
      {
        key: visit.id,
        class: "row",
        role: "row",
        "aria-rowindex": String(index + 2),
        "data-current": index === current ? "true" : null,
        vars: { "--at": String(index) },
      },
      COLUMNS.map((name) => h("div", { role: "gridcell", class: `cell ${name}`, key: name }, cells[name])),
    );
  }

  function focused(index) {
    if (current === index) return;
    current = index;
    page.changed();
  }

  /** The row that has the focus stays in the document wherever the page is scrolled to. */
  function inDocument() {
    const [from, to] = [Math.min(view.from, list.items.length), Math.min(view.to, list.items.length)];
    const indexes = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
    if (current < from) indexes.unshift(current);
    else if (current >= to && current < list.items.length) indexes.push(current);
    return indexes;
  }

  return {
    current: () => current,
    top: () => view.lastTop,
    reset() {
      current = 0;
    },
    /** To where the list was left, with the focus on its row. */
    comeBack() {
      scrollTo(0, place.top);
      view.measure();
      app.drawNow();
      document.getElementById(`visit-${current}`)?.focus({ preventScroll: true });
      return true;
    },
    render(total) {
      view.measure();
      return [
        h(
          "div",
          {
            class: "grid",
            role: "grid",
            "aria-label": t("visits.list"),
            "aria-rowcount": String((total ?? list.items.length) + 1),
            onkeydown: key,
            key: "grid",
          },
          h(
            "div",
            { role: "rowgroup", class: "grid-head" },
            h(
              "div",
              { role: "row", class: "row head-row", "aria-rowindex": "1" },
              COLUMNS.map((name) => h("div", { role: "columnheader", class: `cell ${name}`, key: name }, t(`visits.column.${name}`))),
            ),
          ),
          h(
            "div",
            { role: "rowgroup", class: "grid-body", vars: { "--rows": String(list.items.length) }, mount: view.attach },
            inDocument().map(row),
          ),
        ),
        h(
          "p",
          { class: "small", key: "foot" },
          t(list.cursor ? "visits.loaded" : "visits.all", {
            count: list.items.length,
            number: number(list.items.length),
            total: total === null ? "…" : number(total),
          }),
        ),
        list.error && alert(app.problem(list.error)),
        list.error && button({ label: t("retry"), act: "more", icon: "retry", onclick: () => list.more() }),
      ];
    },
  };
}

/** Whose visit it was; or, where nothing was granted, whose face it looked like. */
function who(app, visit) {
  if (visit.person) return visit.person.name ?? app.t("visits.somebody");
  if (visit.claimed) return [visit.claimed.name ?? app.t("visits.somebody"), h("small", {}, app.t("visits.claimed"))];
  return h("span", { class: "soft" }, app.t(visit.faces === "unknown" ? "visits.unknown" : "visits.nobody"));
}
