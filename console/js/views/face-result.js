/** What a search by face found: people first, then visits, in two bands; unknown visitors only after a second officer's word. */
import { h } from "/kiosk/js/dom.js";
import { thumbnailUrl } from "../api.js";
import { button, empty, fetched, icon, link, linkButton, note, outcomeTag, panel, tag, time } from "../parts.js";
import { address } from "../router.js";

export function faceResultView(page) {
  const { app, t, params } = page;
  const path = `/api/face-search/${encodeURIComponent(params.id)}`;
  const found = page.resource(() => app.call("GET", path));
  const photos = portraits(page);
  found.reload();

  function approve() {
    app.ask({
      title: t("face.approve_title"),
      text: t("face.approve_text"),
      confirm: t("face.approve"),
      async submit() {
        found.set(await app.call("POST", `${path}/approve`, { timeoutMs: 60_000 }));
        app.say(t("face.approved"));
      },
    });
  }

  return {
    render: () => ({
      title: t("face.result"),
      wide: true,
      back: { href: address(["face-search"]), text: t("section.face-search") },
      body: fetched(app, found, (data) => [strangers(page, data.strangers, approve), people(page, data.people, photos), visits(page, data.visits)]),
    }),
  };
}

function strangers({ app, t }, unknown, approve) {
  const state = unknown?.state ?? "off";
  if (state === "off") return note(t("face.strangers_off"), "", "lock");
  if (state === "approved") return note(t("face.strangers_approved"), "good", "check");
  return h(
    "div",
    { class: "notice warm" },
    icon("people"),
    h(
      "div",
      {},
      h("p", {}, t("face.strangers_wait")),
      app.may("face_search_approve") && button({ label: t("face.approve"), act: "approve", onclick: approve }),
    ),
  );
}

const band = ({ t }, name) => (name === "match" ? tag(t("face.match"), "good", "check") : tag(t("face.possible"), "warm", "info"));

/** Of some people no photo is kept: theirs is a sign. */
function portraits({ app, t, changed }) {
  const without = new Set();
  const missing = (person) => {
    without.add(person);
    changed();
  };
  return (person) =>
    app.may("people_photo") && !without.has(person)
      ? h("img", {
          class: "portrait",
          src: `/api/people/${encodeURIComponent(person)}/photo`,
          alt: t("call.enrolled_alt"),
          onerror: () => missing(person),
        })
      : icon("person", "big");
}

const people = (page, list, photo) =>
  panel(
    page.t("face.people"),
    list.length === 0
      ? empty(page.t("face.nobody"), "person")
      : h(
          "ul",
          { class: "cards" },
          list.map(({ person, name, band: sure, visits: count }) =>
            h(
              "li",
              { class: "card", key: person },
              photo(person),
              h(
                "div",
                { class: "card-words" },
                h(
                  "h3",
                  {},
                  page.app.may("people_one")
                    ? link(address(["people", person]), name ?? page.t("visits.somebody"))
                    : (name ?? page.t("visits.somebody")),
                ),
                h("p", {}, band(page, sure)),
                h("p", { class: "small" }, page.t("face.visits_of", { count })),
              ),
              h(
                "div",
                { class: "card-acts" },
                linkButton({ label: page.t("person.visits"), href: address(["visits"], { person }), act: "visits", icon: "film" }),
              ),
            ),
          ),
        ),
  );

const visits = (page, list) =>
  panel(
    page.t("face.visits", { count: list.length }),
    list.length === 0
      ? empty(page.t("face.no_visits"), "film")
      : h(
          "ol",
          { class: "tiles small" },
          list.map((visit) =>
            h(
              "li",
              { class: "tile", key: visit.id },
              h(
                "a",
                { class: "tile-link", href: address(["visits", visit.id]) },
                visit.thumbnail
                  ? h("img", { src: thumbnailUrl(visit.id, visit.thumbnail), alt: "", loading: "lazy" })
                  : h("div", { class: "no-picture" }, icon("camera-off", "big")),
                h("b", {}, visit.reference),
              ),
              h("p", { class: "tile-line" }, band(page, visit.band), outcomeTag(page.app, visit.outcome)),
              h("p", { class: "small" }, `${visit.kiosk} ${visit.kioskName} · `, time(visit.at, visit.timeZone)),
            ),
          ),
        ),
  );
