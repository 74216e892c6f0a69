/** Registering on the spot. */
import { h } from "../dom.js";
import { detailsComplete } from "../enrolment.js";
import { phoneField } from "./fields.js";
import { alert, bar, button, buttons, icon, lead, note, problemText, spinner, title } from "./parts.js";
import { phraseCard, recorder, voiceProblem } from "./voice.js";

export function details(ctx) {
  const { state, t, act } = ctx;
  const { details: form, config } = state;
  return [
    title(t("details.title")),
    lead(t("details.lead")),
    h(
      "form",
      {
        class: "form",
        onsubmit: (event) => {
          event.preventDefault();
          act.submitDetails();
        },
      },
      h(
        "label",
        { class: "field" },
        h("span", {}, t("details.name")),
        h("input", { type: "text", autocomplete: "off", maxlength: "80", "data-field": "name", value: form.name, oninput: (event) => act.setDetails({ name: event.target.value }) }),
      ),
      phoneField({ t, language: state.language, phone: form.phone, onphone: (patch) => act.setPhone(patch, "details"), keypadField: false }),
      config.adultsOnly && checkbox("adult", form.adult, t("details.adult"), (adult) => act.setDetails({ adult })),
      consentText(ctx),
      checkbox("consent", form.consent, t("consent.agree"), (consent) => act.setDetails({ consent })),
      alert(problemText(ctx)),
      button({
        label: t("details.go"),
        act: "submit-details",
        kind: "primary",
        type: "submit",
        disabled: state.busy !== null || !detailsComplete(form, config),
        onclick: null,
      }),
    ),
  ];
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

export function capture({ state, t }) {
  const { taken, needed, pose } = state.view.enrolment;
  return [
    title(t(`pose.${pose ?? "straight"}`)),
    h("div", { class: "movement" }, icon(`move-${{ straight: "look-straight", left: "turn-left", right: "turn-right" }[pose ?? "straight"]}`, "giant")),
    lead(t("capture.lead")),
    bar(needed ? taken / needed : 0, t("capture.progress", { taken, needed })),
    h("p", { class: "small" }, t("capture.progress", { taken, needed })),
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
    buttons(button({ label: t("voice.cannot"), act: "assistance", kind: "quiet", icon: "staff", onclick: act.assistance })),
  ];
}

export function learning({ state, t, fmt }) {
  const { progress } = state.view.enrolment;
  const known = progress !== undefined && progress !== null;
  return [
    title(t("learning.title")),
    lead(t("learning.lead")),
    known ? [bar(progress, t("learning.title")), h("p", { class: "small" }, fmt.percent(progress))] : spinner(t("learning.working")),
  ];
}

export function approval({ t }) {
  return [icon("check", "giant good"), title(t("approval.title")), lead(t("approval.lead")), note(t("approval.next"), "phone")];
}
