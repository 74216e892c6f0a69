/** One visit: what the camera saw, what was said, what happened when, and what an officer may do about it. */
import { h } from "/kiosk/js/dom.js";
import { queryString } from "../api.js";
import { alert, button, details, fetched, holdTag, icon, link, linkButton, note, outcomeTag, panel, tag } from "../parts.js";
import { address } from "../router.js";
import { day, length, moment, ownZone, span, zoneName } from "../times.js";
import { visitActs } from "./visit-acts.js";
import { filmstrip } from "./visit-film.js";
import { printReport } from "./visit-print.js";
import { timeline } from "./visit-timeline.js";

const LIVE_MS = 2000;

export function visitView(page) {
  const { app, params } = page;
  const path = `/api/visits/${encodeURIComponent(params.id)}`;
  const visit = page.resource(() => whole(app, path));
  const acts = visitActs(page, path, visit);
  const film = filmstrip(page, visit);
  visit.reload();
  page.every(LIVE_MS, () => visit.data?.outcome === "live" && visit.reload({ quiet: true }));
  return {
    render: () => ({
      title: app.t("visit.title", { reference: visit.data?.reference ?? "" }),
      wide: true,
      back: { href: address(["visits"]), text: app.t("section.visits") },
      tags: visit.data && [outcomeTag(app, visit.data.outcome), visit.data.hold && holdTag(app)],
      actions: visit.data && actions(page, visit.data, acts),
      body: fetched(app, visit, (data) => shown(page, data, film, acts)),
    }),
  };
}

/** All pages of one visit's recordings as one. */
async function whole(app, path) {
  const visit = await app.call("GET", path);
  let { cursor } = visit;
  while (cursor) {
    const next = await app.call("GET", `${path}${queryString({ cursor })}`);
    visit.media.push(...next.media);
    cursor = next.cursor;
  }
  return visit;
}

function actions({ app, t }, visit, acts) {
  return [
    app.may("exports_ask") && button({ label: t("visit.export"), act: "export", icon: "download", kind: "primary", onclick: acts.export }),
    app.may("visits_verify") && button({ label: t("visit.verify"), act: "verify", icon: "shield", onclick: acts.verify }),
    app.may("holds_create") && !visit.hold && button({ label: t("visit.hold"), act: "hold", icon: "hold", onclick: acts.hold }),
    app.may("holds_list") && visit.hold && linkButton({ label: t("visit.holds"), href: address(["holds"]), act: "holds", icon: "hold" }),
    button({ label: t("visit.print"), act: "print", icon: "print", onclick: printReport }),
  ];
}

function shown(page, visit, film, acts) {
  const { app, t } = page;
  const clips = visit.media.filter((one) => one.kind === "voice");
  return [
    h(
      "p",
      { class: "only-print" },
      t("visit.printed", { name: app.state().operator.name, at: moment(new Date().toISOString(), ownZone()), zone: ownZone() }),
    ),
    visit.outcome === "live" && note(t("visit.live"), "live", "live"),
    verified(page, acts.verified),
    h(
      "div",
      { class: "visit", key: "visit" },
      h("div", { class: "visit-film" }, film.render(visit), clips.length > 0 && panel(t("visit.voice"), voices(page, visit, clips))),
      h(
        "div",
        { class: "visit-facts" },
        panel(t("visit.facts"), facts(page, visit)),
        panel(t("visit.timeline"), timeline(page, visit, film)),
      ),
    ),
  ];
}

function facts({ app, t }, visit) {
  const { timeZone: zone } = visit;
  return details([
    [t("visit.reference"), visit.reference],
    [t("visit.kiosk"), `${visit.kiosk} ${visit.kioskName}`],
    [t("visit.day"), day(visit.at, zone)],
    [t("visit.time"), h("time", { datetime: visit.at }, span(visit.at, visit.endedAt, zone))],
    [t("visit.zone"), `${zone} (${zoneName(visit.at, zone)})`],
    [t("visit.length"), length(visit.durationS)],
    [t("visit.reason"), app.label("reason", visit.reason)],
    [t("visit.assurance"), app.label("assurance", visit.assurance)],
    [t("visit.granted_to"), visit.person && person(app, visit.person)],
    [t("visit.claimed"), visit.claimed && person(app, visit.claimed)],
    [t("visit.faces"), [app.label("faces", visit.faces), " ", visit.two && tag(t("visits.two"), "warm", "people")]],
    [t("visit.id"), h("code", {}, visit.id)],
  ]);
}

function person(app, { id, name }) {
  const words = name ?? app.t("visits.somebody");
  return app.may("people_one") ? link(address(["people", id]), words) : words;
}

function verified({ app, t }, result) {
  if (!result) return null;
  if (result.error) return alert(app.problem(result.error));
  const { checked, changed, missing } = result;
  if (changed.length + missing.length === 0) return note(t("verify.same", { count: checked }), "good", "shield");
  const named = (list) => list.map(({ kind, number }) => `${app.label("media", kind)} ${number}`).join(", ");
  return h(
    "div",
    { class: "notice bad", role: "alert" },
    icon("alert"),
    h(
      "div",
      {},
      h("b", {}, t("verify.differs")),
      changed.length > 0 && h("p", {}, t("verify.changed", { list: named(changed) })),
      missing.length > 0 && h("p", {}, t("verify.missing", { list: named(missing) })),
    ),
  );
}

function voices({ app, t }, visit, clips) {
  return h(
    "ul",
    { class: "clips" },
    clips.map((clip) =>
      h(
        "li",
        { key: `v${clip.number}` },
        h("b", {}, t("visit.clip", { number: clip.number })),
        h("time", { datetime: clip.at }, span(clip.at, null, visit.timeZone)),
        clip.changed && tag(t("visit.changed"), "bad", "alert"),
        app.may("visits_media") &&
          h("audio", {
            controls: true,
            preload: "none",
            src: `/api/visits/${encodeURIComponent(visit.id)}/media/voice/${clip.number}`,
            "aria-label": t("visit.clip", { number: clip.number }),
          }),
      ),
    ),
  );
}
