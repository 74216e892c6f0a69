/** Visits as a list: filtered, walked through with the keyboard, and smooth however long it is. */
import { now } from "/kiosk/js/clock.js";
import { queryString } from "../api.js";
import { createPaged } from "../paged.js";
import { button, empty, fetched, linkButton, tag } from "../parts.js";
import { address, go } from "../router.js";
import { number } from "../times.js";
import { asked, queryOf, zoneOfQuery } from "../visit-query.js";
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
  const rows = visitRows(page, list);

  function ask() {
    question = asked(page.query, zone(), now());
    rows.reset();
    list.reload();
    count.reload();
  }
  ask();

  return {
    moved: ask,
    render: () => ({
      title: t("section.visits"),
      wide: true,
      tags: count.state === "ready" && tag(t("visits.count", { count: count.data, number: number(count.data) })),
      actions: app.may("exports_create") && button({ label: t("visits.export"), act: "export", icon: "download", onclick: () => exportDialog(page, { query: question }, t("export.query", { count: count.data ?? 0 })) }),
      body: [
        visitFilters(page, zone(), (values) => go(address(["visits"], queryOf(values, zone())), { replace: true })),
        fetched(app, { ...list, reload: list.reload }, () => (list.items.length ? rows.render(count.data) : empty(t("visits.none"), "search", wider(page)))),
      ],
    }),
  };
}

/** The commonest reason for nothing to be found is a day that is too short. */
const wider = ({ t, query }) => !query.from && query.when !== "30d" && linkButton({ label: t("visits.wider"), href: address(["visits"], { ...query, when: "30d" }), act: "wider" });
