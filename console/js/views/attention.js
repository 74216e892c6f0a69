/** What somebody has to look at now, the waiting customers first. */
import { h } from "/kiosk/js/dom.js";
import { refreshAttention } from "../attention.js";
import { facts } from "../labels.js";
import { alert, button, empty, icon, linkButton, note, spinner, tag, time } from "../parts.js";
import { address } from "../router.js";
import { canSound, isMuted } from "../sound.js";
import { ownZone } from "../times.js";

const ORDER = [
  "assistance",
  "tamper",
  "kiosk_two_places",
  "person_two_places",
  "poison",
  "index_gap",
  "enrolment_duplicate",
  "approval",
  "lockout",
];
const GRAVE = new Set(["tamper", "kiosk_two_places", "person_two_places", "poison"]);
const PICTURES = {
  assistance: "staff",
  approval: "person-add",
  lockout: "lock",
  tamper: "alert",
  poison: "alert",
  index_gap: "film",
  kiosk_two_places: "kiosk",
  person_two_places: "people",
  enrolment_duplicate: "people",
};

export function attentionView(page) {
  const { app, t } = page;
  refreshAttention(app);
  return {
    render() {
      const { items, error } = app.state().attention;
      return {
        title: t("section.attention"),
        body: [quietHint(app), error && alert(app.problem(error)), items ? listed(app, items) : error ? null : spinner(t("loading"))],
      };
    },
  };
}

const quietHint = (app) => !isMuted() && !canSound() && note(app.t("sound.blocked"), "", "muted");

function listed(app, items) {
  if (items.length === 0) return empty(app.t("attention.none"));
  const rank = (item) => ORDER.indexOf(item.kind) + (item.acknowledged ? ORDER.length : 0);
  const sorted = [...items].sort((a, b) => rank(a) - rank(b) || Date.parse(a.at) - Date.parse(b.at));
  return h(
    "ul",
    { class: "cards" },
    sorted.map((item) => card(app, item)),
  );
}

function card(app, item) {
  const { t } = app;
  const zone = app.zoneOf(item.kiosk) ?? ownZone();
  const kind = item.acknowledged ? "done" : item.kind === "assistance" ? "call" : GRAVE.has(item.kind) ? "grave" : "";
  return h(
    "li",
    { class: `card ${kind}`, key: item.id, "data-kind": item.kind },
    icon(PICTURES[item.kind] ?? "alert", "big"),
    h(
      "div",
      { class: "card-words" },
      h("h2", {}, app.label("attention.kind", item.kind)),
      h("p", {}, t(`attention.why.${item.kind}`)),
      h("p", { class: "small" }, item.kiosk && h("span", {}, `${kioskName(app, item.kiosk)} · `), time(item.at, zone)),
      factLine(app, item),
      item.acknowledged && tag(t("attention.acknowledged", { name: item.acknowledged.by }), "", "check"),
    ),
    h(
      "div",
      { class: "card-acts" },
      ways(app, item),
      !item.acknowledged &&
        app.may("attention_acknowledge") &&
        button({ label: t("attention.acknowledge"), act: "acknowledge", onclick: () => acknowledge(app, item) }),
    ),
  );
}

export const kioskName = (app, id) => {
  const kiosk = app.kiosks?.find((one) => one.id === id);
  return kiosk ? `${id} ${kiosk.name}` : id;
};

function factLine(app, item) {
  const { other, otherSession, ...rest } = item.facts;
  const said = facts(app.t, rest);
  return said.length > 0 && h("p", { class: "small" }, said.map(([name, value]) => `${name}: ${value}`).join(" · "));
}

/** Where to go on from here. */
function ways(app, { kind, session, person, facts: { other, otherSession } }) {
  const { t } = app;
  if (kind === "assistance" && session && app.may("assistance_call"))
    return linkButton({
      label: t("attention.answer"),
      href: address(["assistance", session]),
      act: "answer",
      kind: "primary",
      icon: "staff",
    });
  return [
    person &&
      app.may("people_one") &&
      linkButton({
        label: t(kind === "approval" ? "attention.review" : "attention.person"),
        href: address(["people", person]),
        act: "person",
        kind: kind === "approval" ? "primary" : "",
      }),
    other && app.may("people_one") && linkButton({ label: t("attention.other"), href: address(["people", other]), act: "other" }),
    otherSession &&
      app.may("visits_one") &&
      linkButton({ label: t("attention.other_visit"), href: address(["visits", otherSession]), act: "other-visit" }),
    kind === "kiosk_two_places" &&
      app.may("kiosks_list") &&
      linkButton({ label: t("section.kiosks"), href: address(["kiosks"]), act: "kiosks" }),
    kind === "tamper" &&
      !session &&
      app.may("audit_list") &&
      linkButton({ label: t("section.audit"), href: address(["audit"]), act: "audit" }),
    session && app.may("visits_one") && linkButton({ label: t("attention.visit"), href: address(["visits", session]), act: "visit" }),
  ];
}

function acknowledge(app, item) {
  const { t } = app;
  app.ask({
    title: t("attention.acknowledge_title", { what: app.label("attention.kind", item.kind) }),
    text: t("attention.acknowledge_text"),
    fields: [{ name: "note", label: t("attention.note"), type: "textarea", maxlength: "200" }],
    confirm: t("attention.acknowledge"),
    async submit({ note: words }) {
      await app.call("POST", `/api/attention/${encodeURIComponent(item.id)}/acknowledge`, { json: words ? { note: words } : {} });
      await refreshAttention(app);
      app.say(t("attention.done"));
    },
  });
}
