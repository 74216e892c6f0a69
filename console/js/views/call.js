/** One call for staff: who stands there now beside whom the machine knows, and the officer's word for it. */
import { h } from "/kiosk/js/dom.js";
import { now } from "/kiosk/js/clock.js";
import { groundFields } from "../fields.js";
import { button, details, empty, fetched, icon, link, note, time } from "../parts.js";
import { address, go } from "../router.js";
import { length, ownZone } from "../times.js";
import { personPicker } from "./person-picker.js";

const EVERY_MS = 1500;
const PAPERS = ["passport", "id_card", "driving_licence", "residence_permit"];
const OVER = new Set(["wrong_state", "session_over", "not_found"]);

export function callView(page) {
  const { app, t, params } = page;
  const path = `/api/assistance/${encodeURIComponent(params.id)}`;
  const call = page.resource(() =>
    app.call("GET", `${path}${page.query.person ? `?person=${encodeURIComponent(page.query.person)}` : ""}`),
  );
  const person = { id: null, name: null };
  const picker = personPicker(page, (one) => go(address(["assistance", params.id], { person: one.id }), { replace: true }));

  async function refresh() {
    if (call.error && OVER.has(call.error.code)) return;
    await call.reload({ quiet: true });
    const id = call.data?.person;
    if (!id || id === person.id) return;
    Object.assign(person, { id, name: null });
    person.name = (await app.call("GET", `/api/people/${encodeURIComponent(id)}`).catch(() => null))?.name ?? null;
    page.changed();
  }
  call.reload().then(refresh);
  page.every(EVERY_MS, refresh);

  const over = () => call.error && OVER.has(call.error.code);
  return {
    moved: refresh,
    render: () => ({
      title: t("call.title"),
      back: { href: address(["attention"]), text: t("section.attention") },
      body: over() ? ended(page) : fetched(app, call, (data) => shown(page, path, data, person, picker)),
    }),
  };
}

const ended = ({ app, t, params }) =>
  empty(t("call.over"), "check", app.may("visits_one") && link(address(["visits", params.id]), t("call.see_visit"), { class: "button" }));

function shown(page, path, call, person, picker) {
  const { app, t } = page;
  const zone = app.zoneOf(call.kiosk) ?? ownZone();
  return [
    h(
      "div",
      { class: "brief", key: "brief" },
      details([
        [t("visit.reference"), call.reference],
        [t("visit.kiosk"), `${call.kiosk} ${call.place}`],
        [t("call.since"), time(call.since, zone)],
        [t("call.left"), h("span", { role: "timer" }, length(Math.max(0, (Date.parse(call.expiresAt) - now()) / 1000)))],
        [t("person.language"), app.label("language", call.language)],
      ]),
    ),
    call.firstOfficer &&
      note(t(call.firstOfficer === app.state().operator.name ? "call.first_you" : "call.first", { name: call.firstOfficer }), "warm", "people"),
    h("div", { class: "compare", key: "compare" }, live(page, path, call, zone), enrolled(page, call, person)),
    !call.recognised && !call.firstOfficer && picker.render(),
    h(
      "div",
      { class: "actions big", key: "acts" },
      call.person &&
        call.firstOfficer !== app.state().operator.name &&
        app.may("assistance_vouch") &&
        button({
          label: person.name ? t("call.vouch", { name: person.name }) : t("call.vouch_them"),
          act: "vouch",
          icon: "check",
          kind: "primary",
          busy: !call.frame,
          onclick: () => vouch(page, path, call, person),
        }),
      app.may("assistance_refuse") &&
        button({ label: t("call.refuse"), act: "refuse", icon: "deny", kind: "danger", onclick: () => refuse(page, path) }),
    ),
  ];
}

const frameUrl = (path, call) => `${path}/frames/${call.frame.seq}`;

const live = ({ t }, path, call, zone) =>
  h(
    "figure",
    { class: "face" },
    h("figcaption", {}, icon("live"), t("call.now"), call.frame && time(call.frame.at, zone)),
    call.frame
      ? h("img", { src: frameUrl(path, call), alt: t("call.now_alt") })
      : h("div", { class: "no-picture" }, icon("camera-off", "big"), t("call.no_frame")),
  );

function enrolled({ t }, call, person) {
  return h(
    "figure",
    { class: "face" },
    h("figcaption", {}, icon("person"), person.name ?? t("call.enrolled"), call.recognised && h("small", {}, t("call.recognised"))),
    call.person && call.photo
      ? h("img", { src: `/api/people/${encodeURIComponent(call.person)}/photo`, alt: t("call.enrolled_alt") })
      : h("div", { class: "no-picture" }, icon("face", "big"), call.person ? t("call.no_photo") : t("call.who")),
  );
}

/** The officer answers for exactly the picture that stands in the dialog, not for one that came later. */
function vouch({ app, t }, path, call, person) {
  app.ask({
    title: person.name ? t("call.vouch", { name: person.name }) : t("call.vouch_them"),
    text: t(call.recognised ? "call.vouch_text" : "call.vouch_two"),
    content: h(
      "div",
      { class: "compare small" },
      h("img", { src: frameUrl(path, call), alt: t("call.now_alt") }),
      call.photo && h("img", { src: `/api/people/${encodeURIComponent(call.person)}/photo`, alt: t("call.enrolled_alt") }),
    ),
    fields: [
      {
        type: "choice",
        name: "document",
        label: t("call.document"),
        required: true,
        options: PAPERS.map((paper) => [paper, t(`paper.${paper}`)]),
      },
      { name: "case", label: t("ground.case_optional"), maxlength: "40" },
    ],
    confirm: t("call.vouch_confirm"),
    async submit(values) {
      const said = await app.call("POST", `${path}/vouch`, {
        json: { person: call.person, seq: call.frame.seq, document: values.document, case: values.case },
      });
      app.say(t(said.complete ? "call.vouched" : "call.vouched_first"), said.complete ? "good" : "warm");
      if (said.complete) go(address(["attention"]));
    },
  });
}

function refuse({ app, t }, path) {
  app.ask({
    title: t("call.refuse"),
    text: t("call.refuse_text"),
    fields: groundFields(t),
    confirm: t("call.refuse"),
    danger: true,
    async submit(values) {
      await app.call("POST", `${path}/refuse`, { json: values });
      app.say(t("call.refused"));
      go(address(["attention"]));
    },
  });
}
