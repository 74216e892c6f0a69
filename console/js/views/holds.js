/** What may not be deleted, what will be, and when. */
import { h } from "/kiosk/js/dom.js";
import { createPaged } from "../paged.js";
import { queryString } from "../api.js";
import { groundFields } from "../fields.js";
import { button, details, empty, fetched, link, moreButton, note, panel, table, tag } from "../parts.js";
import { address } from "../router.js";
import { moment, number, ownZone } from "../times.js";

export function holdsView(page) {
  const { app } = page;
  const { t } = page;
  const holds = createPaged(page.changed, (cursor) => app.call("GET", `/api/holds${queryString({ cursor })}`));
  const retention = page.resource(() => app.call("GET", "/api/retention"));
  const preview = page.resource(() => app.call("POST", "/api/retention/preview", { json: {}, timeoutMs: 60_000 }));
  let previewed = false;
  holds.reload();
  if (app.may("retention_rules")) retention.reload();

  function look() {
    previewed = true;
    preview.reload();
  }

  return {
    render: () => ({
      title: t("section.holds"),
      wide: true,
      body: [
        panel(
          t("hold.list"),
          h("p", {}, t("hold.explained")),
          fetched(app, holds, () => (holds.items.length ? [rows(page, holds), moreButton(app, holds)] : empty(t("hold.none"), "hold"))),
        ),
        app.may("retention_rules") &&
          panel(
            t("retention.title"),
            fetched(app, retention, (data) => rules(page, data)),
          ),
        app.may("retention_preview") &&
          panel(
            t("retention.preview"),
            h("p", {}, t("retention.preview_text")),
            button({ label: t("retention.look"), act: "preview", icon: "search", onclick: look }),
            previewed && fetched(app, preview, (data) => would(page, data)),
          ),
      ],
    }),
  };
}

const rows = (page, holds) =>
  table(
    page.t("hold.list"),
    [
      { head: page.t("hold.what") },
      { head: page.t("ground.reason") },
      { head: page.t("ground.case") },
      { head: page.t("hold.by") },
      { head: page.t("hold.at") },
      { head: page.t("acts") },
    ],
    holds.items.map((hold) => [
      [tag(page.app.label("hold.kind", hold.kind), "", hold.kind === "person" ? "person" : "film"), " ", subject(page, hold)],
      hold.reason,
      hold.case,
      hold.by,
      h("time", { datetime: hold.at }, moment(hold.at, ownZone())),
      hold.released
        ? tag(page.t("hold.released"))
        : page.app.may("holds_release") &&
          button({ label: page.t("hold.release"), act: "release", onclick: () => release(page, hold, holds) }),
    ]),
    holds.items.map((hold) => hold.id),
  );

const subject = ({ t }, { kind, subject: id }) =>
  link(address([kind === "person" ? "people" : "visits", id]), t(kind === "person" ? "person.see" : "hold.see_visit"));

function release({ app, t }, hold, holds) {
  app.ask({
    title: t("hold.release_title"),
    text: t("hold.release_text"),
    fields: groundFields(t).slice(0, 1),
    confirm: t("hold.release"),
    danger: true,
    async submit({ reason }) {
      await app.call("POST", `/api/holds/${encodeURIComponent(hold.id)}/release`, { json: { reason } });
      app.say(t("hold.release_done"));
      await holds.reload();
    },
  });
}

const rules = ({ app, t }, { rules: list, lastRun }) => [
  table(
    t("retention.title"),
    [{ head: t("retention.kind") }, { head: t("visit.outcome") }, { head: t("retention.days"), class: "number" }],
    list.map(({ kind, outcome, days }) => [
      app.label("media", kind),
      outcome ? app.label("outcome", outcome) : t("filter.all"),
      number(days),
    ]),
  ),
  lastRun
    ? details([
        [t("retention.last"), moment(lastRun.at, ownZone())],
        [t("retention.deleted"), number(lastRun.deleted)],
        [t("retention.failed"), number(lastRun.failed)],
        [t("retention.held"), number(lastRun.held)],
      ])
    : h("p", { class: "soft" }, t("retention.never")),
];

const would = ({ app, t }, { items, total }) =>
  total === 0
    ? note(t("retention.nothing"), "good", "check")
    : [
        h("p", {}, t("retention.total", { count: total, number: number(total) })),
        table(
          t("retention.preview"),
          [{ head: t("retention.name") }, { head: t("retention.kind") }, { head: t("hold.at") }, { head: t("retention.rule") }],
          items.map((one) => [h("code", {}, one.visit), app.label("media", one.kind), moment(one.at, ownZone()), String(one.rule)]),
        ),
      ];
