/** One person: who they are, how their enrolment stands, and what staff may do. */
import { h } from "/kiosk/js/dom.js";
import { queryString } from "../api.js";
import { button, details, empty, fetched, icon, linkButton, note, outcomeTag, panel, table, tag, time, link } from "../parts.js";
import { address } from "../router.js";
import { length, moment, ownZone } from "../times.js";
import { personActs } from "./person-acts.js";
import { learnedPanel } from "./person-learned.js";
import { phonePanel } from "./person-phone.js";
import { photosPanel } from "./person-photos.js";
import { statusTag } from "./people.js";

const RECENT = 10;

export function personView(page) {
  const { app, t, params } = page;
  const path = `/api/people/${encodeURIComponent(params.id)}`;
  const person = page.resource(() => app.call("GET", path));
  const visits = page.resource(
    async () =>
      (
        await app.call(
          "GET",
          `/api/visits${queryString({ person: params.id, from: new Date(Date.now() - 365 * 86_400_000).toISOString(), limit: RECENT })}`,
        )
      ).items,
  );
  const acts = personActs(page, path, person);
  person.reload();
  if (app.may("visits_list")) visits.reload();
  return {
    render: () => ({
      title: person.data?.name ?? t("person.title"),
      back: { href: address(["people"]), text: t("section.people") },
      tags: person.data && [statusTag(app, person.data.status), person.data.lockout.barred && tag(t("person.barred"), "bad", "lock")],
      actions: person.data && acts.buttons(person.data),
      body: fetched(app, person, (data) => shown(page, data, visits, acts)),
    }),
  };
}

function shown(page, person, visits, acts) {
  const { app, t, params } = page;
  return [
    person.status === "erasing" && note(t("person.erasing"), "warm", "hold"),
    acts.erasure &&
      note(
        t(acts.erasure.held ? "person.erase_held" : acts.erasure.done ? "person.erase_done" : "person.erase_running"),
        acts.erasure.done ? "good" : "warm",
        acts.erasure.held ? "hold" : "info",
      ),
    h(
      "div",
      { class: "profile", key: "profile" },
      h(
        "div",
        { class: "portrait-box" },
        person.photo && app.may("people_photo")
          ? h("img", { src: `/api/people/${encodeURIComponent(params.id)}/photo`, alt: t("call.enrolled_alt") })
          : h("div", { class: "no-picture" }, icon("person", "big"), t("person.no_photo")),
      ),
      h(
        "div",
        {},
        panel(t("person.about"), about(page, person, acts)),
        panel(t("person.lockout"), lockout(page, person)),
        phonePanel(page, person, acts),
        learnedPanel(page, person, acts),
        photosPanel(page, person, acts),
      ),
    ),
    app.may("visits_list") &&
      panel(
        t("person.visits"),
        recent(page, visits),
        h(
          "div",
          { class: "actions" },
          linkButton({ label: t("person.all_visits"), href: address(["visits"], { person: params.id }), act: "all-visits", icon: "film" }),
          linkButton({
            label: t("person.claimed_visits"),
            href: address(["visits"], { claimed: params.id }),
            act: "claimed-visits",
            icon: "face",
          }),
        ),
      ),
  ];
}

const about = ({ app, t }, person, acts) =>
  details([
    [t("person.given_name"), person.givenName],
    [
      t("person.phone"),
      h(
        "span",
        {},
        h("span", {}, acts.phone ?? person.phone),
        " ",
        app.may("people_phone") && !acts.phone && button({ label: t("person.reveal"), act: "reveal", kind: "quiet", onclick: acts.reveal }),
      ),
    ],
    [
      t("person.customer"),
      h(
        "span",
        {},
        person.customer ?? t("person.no_customer"),
        " ",
        app.may("people_change") && button({ label: t("change"), act: "customer", kind: "quiet", onclick: () => acts.customer(person) }),
      ),
    ],
    [t("person.language"), app.label("language", person.language)],
    [t("person.assurance"), app.label("assurance", person.assurance)],
    [t("person.registered"), `${moment(person.createdAt, ownZone())}${person.registeredBy ? ` (${person.registeredBy})` : ""}`],
    [
      t("person.consent"),
      person.consent.version && `${person.consent.version}${person.consent.at ? `, ${moment(person.consent.at, ownZone())}` : ""}`,
    ],
    [t("person.phone_changed"), person.phoneChangedAt && moment(person.phoneChangedAt, ownZone())],
    [t("person.operator"), person.operator],
    [
      t("person.templates"),
      t("person.templates_are", { face: person.templates.face, learned: person.templates.learned, voice: person.templates.voice }),
    ],
    [
      t("person.authenticator_app"),
      app.may("people_authenticator") &&
        button({
          label: t("person.authenticator"),
          act: "authenticator",
          kind: "quiet",
          onclick: acts.act("authenticator", { to: "authenticator/remove", danger: true }),
        }),
    ],
    [t("visit.id"), h("code", {}, person.id)],
  ]);

const lockout = ({ t }, { lockout: { wrongPinsDay, wrongPinsTotal, barred } }) => [
  h("p", {}, t(barred ? "person.barred_text" : wrongPinsTotal ? "person.some_failures" : "person.no_failures")),
  wrongPinsTotal > 0 &&
    details([
      [t("person.wrong_day"), String(wrongPinsDay)],
      [t("person.wrong_total"), String(wrongPinsTotal)],
    ]),
];

function recent({ app, t }, visits) {
  return fetched(app, visits, (list) =>
    list.length === 0
      ? empty(t("person.no_visits"), "film")
      : table(
          t("person.visits"),
          [
            { head: t("visits.column.when") },
            { head: t("visit.reference") },
            { head: t("visit.kiosk") },
            { head: t("visit.outcome") },
            { head: t("visit.length") },
          ],
          list.map((visit) => [
            time(visit.at, visit.timeZone),
            link(address(["visits", visit.id]), visit.reference),
            `${visit.kiosk} ${visit.kioskName}`,
            h("span", {}, outcomeTag(app, visit.outcome), " ", app.label("reason", visit.reason)),
            length(visit.durationS),
          ]),
          list.map((visit) => visit.id),
        ),
  );
}
