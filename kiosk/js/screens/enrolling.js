/** Registering on the spot. */
import { h } from "../dom.js";
import { NAME_LENGTH, agreed, detailsComplete, named } from "../enrolment.js";
import { phoneField } from "./fields.js";
import { cannot } from "./identifying.js";
import { keyboard } from "./keyboard.js";
import { keypad } from "./keypad.js";
import { alert, bar, beside, button, buttons, icon, lead, note, problemText, spinner, title } from "./parts.js";
import { phraseCard, recorder, voiceProblem } from "./voice.js";

/** What is agreed to, before anything is asked. */
export function consent(ctx) {
  const { state, t, act } = ctx;
  const { details: form, config } = state;
  return [
    title(t("details.title")),
    lead(t("details.lead")),
    consentText(ctx),
    config.adultsOnly && checkbox("adult", form.adult, t("details.adult"), (adult) => act.setDetails({ adult })),
    checkbox("consent", form.consent, t("consent.agree"), (agreed) => act.setDetails({ consent: agreed })),
    alert(problemText(ctx)),
    h(
      "div",
      { class: "buttons" },
      button({ label: t("details.go"), act: "agree", kind: "primary", disabled: !agreed(form, config), onclick: () => act.setDetails({ page: "name" }) }),
      button({ label: t("way.assistance"), act: "assistance", kind: "quiet", icon: "staff", onclick: act.assistance }),
    ),
  ];
}

export function name(ctx) {
  const { state, t, act } = ctx;
  const { details: form, language } = state;
  const write = (text) => act.setDetails({ name: text.slice(0, NAME_LENGTH) });
  const go = () => named(form) && act.setDetails({ page: "number" });
  return [
    title(t("details.name")),
    h("input", {
      type: "text",
      autocomplete: "off",
      dir: "auto",
      "aria-label": t("details.name"),
      "data-field": "name",
      value: form.name,
      oninput: (event) => write(event.target.value),
      onkeydown: (event) => event.key === "Enter" && go(),
    }),
    alert(problemText(ctx)),
    keyboard({ t, language, layer: form.layer, value: form.name, onvalue: write, onlayer: (layer) => act.setDetails({ layer }) }),
    h(
      "div",
      { class: "buttons" },
      button({ label: t("back"), act: "back", kind: "quiet", icon: "back", onclick: () => act.setDetails({ page: "consent" }) }),
      button({ label: t("details.go"), act: "submit-name", kind: "primary", disabled: !named(form), onclick: go }),
    ),
  ];
}

export function number(ctx) {
  const { state, t, act } = ctx;
  const { phone } = state.details;
  const words = [
    title(t("details.phone")),
    lead(t("details.phone_lead")),
    phoneField({ t, language: state.language, phone, onphone: (patch) => act.setPhone(patch, "details"), onenter: act.submitDetails }),
    alert(problemText(ctx)),
    buttons(button({ label: t("back"), act: "back", kind: "quiet", icon: "back", onclick: () => act.setDetails({ page: "name" }) })),
  ];
  const pad = keypad({
    t,
    value: phone.number,
    onvalue: (value) => act.setPhone({ number: value }, "details"),
    extra: "+",
    submit: { label: t("details.go"), act: "submit-details", onclick: act.submitDetails, disabled: !detailsComplete(state.details, state.config) || state.busy !== null },
  });
  return beside(words, pad);
}

const checkbox = (name, checked, label, onchange) =>
  h("label", { class: "check" }, h("input", { type: "checkbox", checked, "data-field": name, onchange: (event) => onchange(event.target.checked) }), h("span", {}, label));

function consentText({ state, t }) {
  const { operator, retentionDays } = state.config.notice;
  return h(
    "section",
    { class: "consent", "aria-label": t("consent.title"), tabindex: "0" },
    h("h2", {}, t("consent.title")),
    h("p", {}, t("consent.what")),
    h("p", {}, t("consent.why", { operator })),
    h("p", {}, t("consent.how_long", { count: retentionDays })),
    h("p", {}, t("consent.rights")),
    h("p", { class: "small" }, t("consent.version", { version: state.config.consent.version })),
  );
}

export function capture({ state, t, act }) {
  const { taken, needed, pose } = state.view.enrolment;
  return [
    title(t(`pose.${pose ?? "straight"}`)),
    h("div", { class: "movement", "data-pose": pose ?? "straight" }, icon(`move-${{ straight: "look-straight", left: "turn-left", right: "turn-right" }[pose ?? "straight"]}`, "giant")),
    lead(t("capture.lead")),
    bar(needed ? taken / needed : 0, t("capture.progress", { taken, needed })),
    h("p", { class: "small" }, t("capture.progress", { taken, needed })),
    cannot({ t, act }),
  ];
}

export function phrases(ctx) {
  const { state, t, act } = ctx;
  const { taken, needed } = state.view.enrolment;
  return [
    title(t("phrases.title", { number: Math.min(taken + 1, needed), needed })),
    lead(t("phrases.lead")),
    phraseCard(ctx, state.view.voice),
    alert(voiceProblem(ctx)),
    recorder(ctx),
    bar(needed ? taken / needed : 0, t("phrases.progress", { taken, needed })),
    buttons(
      button({ label: t("voice.cannot"), act: "assistance", kind: "quiet", icon: "staff", onclick: act.assistance }),
      button({ label: t("app.offer"), act: "open-authenticator", kind: "quiet", icon: "phone", disabled: state.voice.mode !== "ready", onclick: act.openAuthenticator }),
    ),
  ];
}

/** What the server has learned of the pictures and the phrases. */
export function learning({ state, t, fmt }) {
  const { taken, needed } = state.view.enrolment;
  const share = needed ? taken / needed : 0;
  return [
    title(t("learning.title")),
    lead(t("learning.lead")),
    needed ? [bar(share, t("learning.title")), h("p", { class: "small" }, fmt.percent(share))] : spinner(t("learning.working")),
  ];
}

export function approval({ t }) {
  return [icon("check", "giant good"), title(t("approval.title")), lead(t("approval.lead")), note(t("approval.next"), "phone")];
}
