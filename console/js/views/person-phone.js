/** A new telephone number on its way: asked for with a document, proven by a code, agreed to by a second operator. */
import { h } from "/kiosk/js/dom.js";
import { groundFields } from "../fields.js";
import { button, details, panel } from "../parts.js";
import { moment, ownZone } from "../times.js";

const PAPERS = ["passport", "id_card", "driving_licence", "residence_permit"];

export function phonePanel({ app, t }, { phoneChange: change, status }, { act }) {
  const paper = {
    type: "choice",
    name: "document",
    label: t("call.document"),
    required: true,
    options: PAPERS.map((one) => [one, t(`paper.${one}`)]),
  };
  const number = {
    name: "phone",
    label: t("person.phone_new"),
    type: "tel",
    required: true,
    maxlength: "40",
    hint: t("person.phone_hint"),
  };
  const code = { name: "code", label: t("person.phone_code"), inputmode: "numeric", pattern: "[0-9]{6}", required: true, maxlength: "6" };
  const told = ({ confirmed }) => (confirmed ? null : [t("person.phone_wrong"), "bad"]);
  const offered = change
    ? [
        ["phone_confirm", !change.proven, "people_phone_prove", { to: "phone-change/confirm", fields: [code], done: told }],
        [
          "phone_approve",
          change.proven && !change.effectiveAt,
          "people_phone_approve",
          { to: "phone-change/approve", fields: [paper, ...groundFields(t)] },
        ],
        ["phone_cancel", true, "people_phone_cancel", { to: "phone-change/cancel", danger: true }],
      ]
    : [["phone_change", status === "active", "people_phone_change", { to: "phone-change", fields: [number, paper, ...groundFields(t)] }]];
  const buttons = offered
    .filter(([, fits, needs]) => fits && app.may(needs))
    .map(([name, , , options]) => button({ label: t(`person.${name}`), act: name, key: name, onclick: act(name, options) }));
  if (!change && buttons.length === 0) return null;
  return panel(
    t("person.phone_panel"),
    change
      ? details([
          [t("person.phone_new"), t("person.phone_ending", { ending: change.ending })],
          [t("person.phone_asked"), `${moment(change.askedAt, ownZone())} (${change.askedBy ?? t("person.phone_customer")})`],
          [t("person.phone_state"), stateOf(t, change)],
        ])
      : h("p", {}, t("person.phone_none")),
    h("div", { class: "actions" }, buttons),
  );
}

function stateOf(t, { proven, effectiveAt }) {
  if (effectiveAt) return t("person.phone_settled", { at: moment(effectiveAt, ownZone()) });
  return t(proven ? "person.phone_proven" : "person.phone_waits");
}
