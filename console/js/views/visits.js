/** Visits as a list: filtered, walked through with the keyboard, and smooth however long it is. */
import { now } from "/kiosk/js/clock.js";
import { queryString } from "../api.js";
import { createPaged } from "../paged.js";
import { button, empty, fetched, linkButton, tag } from "../parts.js";
import { address, go } from "../router.js";
import { number } from "../times.js";
import { asked, queryOf, whenOf, zoneOfQuery } from "../visit-query.js";
import { exportDialog } from "./export.js";
import { visitFilters } from "./visit-filters.js";
import { visitRows } from "./visit-rows.js";

const PAGE = 200;

export function visitsView(page) {
  const { app, t } = page;
  const zone = () => zoneOfQuery(app, page.query);
  let question;
  const list = createPaged(page.changed, (cursor) => app.call("GET", `/api/visits${queryString({ ...question, limit: PAGE, cursor })}`));
  const count = page.resource(async () => (await app.call("GET", `/api/visits/count${queryString(question)}`)).count);
  const place = placeOf(page);
  const rows = visitRows(page, list, place);

  function ask() {
    question = asked(page.query, zone(), now());
    rows.reset();
    list.reload();
    count.reload();
  }

  if (place.list) {
    Object.assign(list, place.list, { busy: false });
    question = place.question;
    count.set(place.count);
  } else ask();
  page.onClose(() =>
    keep(page, {
      list: { state: list.state, items: list.items, cursor: list.cursor },
      question,
      count: count.data,
      current: rows.current(),
      top: rows.top(),
    }),
  );

  return {
    moved: ask,
    focus: () => place.list !== undefined && rows.comeBack(),
    render: () => ({
      title: t("section.visits"),
      wide: true,
      tags: count.state === "ready" && tag(t("visits.count", { count: count.data, number: number(count.data) })),
      actions:
        app.may("exports_ask") &&
        !page.query.held &&
        button({
          label: t("visits.export"),
          act: "export",
          icon: "download",
          onclick: () => exportDialog(page, { query: question }, t("export.query", { count: count.data ?? 0 })),
        }),
      body: [
        visitFilters(page, zone(), (values) => go(address(["visits"], queryOf(values, zoneOfQuery(app, values))), { replace: true })),
        fetched(app, { ...list, reload: list.reload }, () =>
          list.items.length ? rows.render(count.data) : empty(t("visits.none"), "search", wider(page)),
        ),
      ],
    }),
  };
}

const KEEP_MS = 5 * 60 * 1000;

/** Whoever comes back from a visit finds the list where it was left. */
const placeOf = ({ app, query }) => {
  const kept = app.kept.get("visits");
  return kept && kept.address === JSON.stringify(query) && Date.now() - kept.at < KEEP_MS ? kept : {};
};

const keep = ({ app, query }, what) =>
  what.list.state === "ready" &&
  app.state().operator &&
  app.kept.set("visits", { address: JSON.stringify(query), at: Date.now(), ...what });

/** The commonest reason for nothing to be found is a day that is too short. */
const wider = ({ t, query }) =>
  !query.from &&
  query.when !== "30d" &&
  linkButton({ label: t("visits.wider"), href: address(["visits"], { ...query, when: "30d" }), act: "wider" });
