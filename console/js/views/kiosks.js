/** The machines: adding, pairing, renaming, locking out. */
import { h } from "/kiosk/js/dom.js";
import { groundFields } from "../fields.js";
import { button, empty, fetched, link, table, tag } from "../parts.js";
import { address } from "../router.js";
import { day, minute, moment, ownZone, zoneName } from "../times.js";

const STATES = { paired: ["good", "check"], unpaired: ["warm", "info"], revoked: ["bad", "deny"] };

export function kiosksView(page) {
  const { app, t } = page;
  const kiosks = page.resource(async () => (app.kiosks = (await app.call("GET", "/api/kiosks")).kiosks));
  kiosks.reload();
  return {
    render: () => ({
      title: t("section.kiosks"),
      wide: true,
      actions:
        app.may("kiosks_create") &&
        button({ label: t("kiosk.add"), act: "add", icon: "add", kind: "primary", onclick: () => add(page, kiosks) }),
      body: fetched(app, kiosks, (list) => (list.length ? rows(page, list, kiosks) : empty(t("kiosk.none"), "kiosk"))),
    }),
  };
}

const rows = (page, list, kiosks) =>
  table(
    page.t("section.kiosks"),
    [
      { head: page.t("kiosk.id") },
      { head: page.t("kiosk.name") },
      { head: page.t("kiosk.state") },
      { head: page.t("kiosk.zone") },
      { head: page.t("kiosk.paired") },
      { head: page.t("acts") },
    ],
    list.map((kiosk) => [
      page.app.may("visits_list") ? link(address(["visits"], { kiosk: kiosk.id }), kiosk.id) : kiosk.id,
      kiosk.name,
      tag(page.app.label("kiosk.state", kiosk.state), ...STATES[kiosk.state]),
      [
        h("span", {}, kiosk.timeZone),
        h("small", {}, `${minute(new Date().toISOString(), kiosk.timeZone)} ${zoneName(new Date().toISOString(), kiosk.timeZone)}`),
      ],
      kiosk.pairedAt ? h("time", { datetime: kiosk.pairedAt }, day(kiosk.pairedAt, ownZone())) : "–",
      acts(page, kiosk, kiosks),
    ]),
    list.map((kiosk) => kiosk.id),
  );

function acts(page, kiosk, kiosks) {
  const { app, t } = page;
  const of = (label) => ({ label: t(label), "aria-label": `${t(label)}: ${kiosk.id} ${kiosk.name}` });
  return h(
    "div",
    { class: "row-acts" },
    app.may("kiosks_pairing") && button({ ...of("kiosk.pair"), act: "pair", onclick: () => pair(page, kiosk) }),
    app.may("kiosks_change") && button({ ...of("change"), act: "change", onclick: () => change(page, kiosk, kiosks) }),
    app.may("kiosks_revoke") &&
      kiosk.state !== "revoked" &&
      button({ ...of("kiosk.revoke"), act: "revoke", kind: "danger", onclick: () => revoke(page, kiosk, kiosks) }),
  );
}

const zones = () => Intl.supportedValuesOf("timeZone").map((zone) => [zone, zone]);
const named = (t, kiosk) => [
  { name: "name", label: t("kiosk.name"), required: true, maxlength: "60", value: kiosk?.name },
  {
    name: "timeZone",
    label: t("kiosk.zone"),
    type: "select",
    required: true,
    value: kiosk?.timeZone ?? ownZone(),
    options: withOwn(zones(), kiosk?.timeZone ?? ownZone()),
  },
];
const withOwn = (list, own) => (list.some(([zone]) => zone === own) ? list : [[own, own], ...list]);

function add({ app, t }, kiosks) {
  app.ask({
    title: t("kiosk.add"),
    fields: [
      { name: "id", label: t("kiosk.id"), required: true, pattern: "[A-Z][A-Z0-9]{0,7}", maxlength: "8", hint: t("kiosk.id_hint") },
      ...named(t),
    ],
    confirm: t("kiosk.add"),
    async submit(values) {
      await app.call("POST", "/api/kiosks", { json: values });
      app.say(t("kiosk.added"));
      await kiosks.reload({ quiet: true });
    },
  });
}

function change({ app, t }, kiosk, kiosks) {
  app.ask({
    title: `${t("change")}: ${kiosk.id}`,
    fields: named(t, kiosk),
    confirm: t("save"),
    async submit(values) {
      await app.call("PATCH", `/api/kiosks/${kiosk.id}`, { json: values });
      app.say(t("kiosk.changed"));
      await kiosks.reload({ quiet: true });
    },
  });
}

/** The code stands in the dialog and nowhere else: closed is gone. */
async function pair({ app, t }, kiosk) {
  try {
    const { code, expiresAt } = await app.call("POST", `/api/kiosks/${kiosk.id}/pairing-code`);
    const until = moment(expiresAt, ownZone());
    app.ask({
      title: t("kiosk.code_title", { kiosk: kiosk.id }),
      content: [
        h("p", { class: "code", "aria-label": [...code].join(" ") }, `${code.slice(0, 5)} ${code.slice(5)}`),
        h("p", {}, t("kiosk.code_text", { until })),
      ],
    });
  } catch (error) {
    app.say(app.problem(error), "bad");
  }
}

function revoke({ app, t }, kiosk, kiosks) {
  app.ask({
    title: t("kiosk.revoke_title", { kiosk: `${kiosk.id} ${kiosk.name}` }),
    text: t("kiosk.revoke_text"),
    fields: groundFields(t),
    confirm: t("kiosk.revoke"),
    danger: true,
    async submit(values) {
      const { visitsEnded } = await app.call("POST", `/api/kiosks/${kiosk.id}/revoke`, { json: values });
      app.say(t("kiosk.revoked", { count: visitsEnded }));
      await kiosks.reload({ quiet: true });
    },
  });
}
