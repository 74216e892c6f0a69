/** Waiting for staff, trouble with devices or network, and the end of a visit. */
import { h } from "../dom.js";
import { button, buttons, icon, lead, note, spinner, title } from "./parts.js";

export function assistance({ state, t }) {
  const unanswered = Boolean(state.view.assistance?.telephone); // the server counts the minute, also across a reload
  return [
    icon("staff", "giant"),
    title(t("assistance.title")),
    lead(unanswered ? t("assistance.late") : t("assistance.lead")),
    unanswered ? helpLines({ state, t }) : spinner(t("assistance.waiting")),
  ];
}

export const helpLines = ({ state, t }) =>
  h(
    "dl",
    { class: "help-lines" },
    h("dt", {}, icon("phone"), t("help.telephone")),
    h("dd", { dir: "ltr" }, state.config.help.telephone),
    h("dt", {}, icon("clock"), t("help.hours")),
    h("dd", { dir: "auto" }, state.config.help.hours),
  );

/** One last screen. A refusal has the same words whatever the reason. */
export function final({ state, t, act }) {
  const kind = state.view?.end?.kind ?? "ended";
  const denied = kind === "denied";
  const telephone = state.view?.end?.telephone ?? state.config.help?.telephone;
  return [
    icon(denied ? "info" : "wave", "giant"),
    title(t(`end.${kind}`)),
    lead(t(`end.${kind}_lead`)),
    denied && telephone && h("p", { class: "lead" }, t("end.call"), " ", h("b", { class: "telephone", dir: "ltr" }, telephone)),
    state.view?.reference && h("p", { class: "reference" }, t("end.reference"), " ", h("b", { dir: "ltr" }, state.view.reference)),
    note(t("end.off"), "camera-off"),
    buttons(button({ label: t("end.done"), act: "done", kind: "primary", onclick: act.done })),
  ];
}

export function camera({ state, t, act }) {
  return [
    icon("camera-off", "giant"),
    title(t(`camera.${state.camera}`)),
    lead(t(`camera.${state.camera}_lead`)),
    buttons(button({ label: t("try_again"), act: "retry-camera", kind: "primary", icon: "retry", onclick: act.retryCamera })),
    helpLines({ state, t }),
  ];
}

export function offline({ state, t }) {
  return [
    icon("offline", "giant"),
    title(t("offline.title")),
    lead(state.view ? t("offline.lead_visit") : t("offline.lead")),
    spinner(t("offline.trying")),
    state.config && helpLines({ state, t }),
  ];
}

export function boot({ t }) {
  return [title(t("boot.title")), spinner(t("boot.lead"))];
}
