import { h } from "../dom.js";
import { bar, button, buttons, countdown, icon, lead, note, title } from "./parts.js";

/** Looking for the customer; what is in the way, if anything, is said here and only here. */
export function identifying({ state, t, act }) {
  const { hint, view } = state;
  if (hint === "one_person") {
    return [title(t("people.title")), lead(t("people.lead")), note(t("people.why"), "shield")];
  }
  if (hint === "camera_covered") {
    return [title(t("covered.title")), lead(t("covered.lead")), buttons(button({ label: t("help.open"), act: "help-covered", icon: "help", onclick: () => act.openDialog("help") }))];
  }
  const claiming = view?.state === "claiming";
  return [
    title(claiming ? t("claiming.title") : t("identifying.title")),
    lead(claiming ? t("claiming.lead") : t("identifying.lead")),
    h("p", { class: "working" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i", {}), h("i", {}), h("i", {})), h("span", {}, t("identifying.working"))),
    claiming && waysOn({ state, t, act }),
  ];
}

/** A claim that comes to nothing is no dead end either. */
function waysOn({ state, t, act }) {
  const options = state.view.options ?? [];
  const way = (name, picture, onclick) =>
    options.includes(name) && button({ label: t(`way.${name}`), act: name, icon: picture, disabled: state.busy !== null, onclick });
  return buttons(way("retry", "retry", act.retry), way("assistance", "staff", act.assistance));
}

/** Not everybody can turn their head. */
export const cannot = ({ t, act }) => buttons(button({ label: t("challenge.cannot"), act: "assistance", kind: "quiet", icon: "staff", onclick: act.assistance }));

/** One clear movement at a time. */
export function challenge({ state, t, act, fmt }) {
  const { step, stepsDone, steps, expiresAt } = state.view.challenge ?? { step: "look_straight", stepsDone: 0, steps: 1 };
  return [
    title(t(`challenge.${step}`)),
    h("div", { class: `movement ${step}` }, icon(`move-${step.replaceAll("_", "-")}`, "giant")),
    lead(t("challenge.why")),
    bar(steps ? stepsDone / steps : 0, t("challenge.progress", { done: stepsDone, steps })),
    h("p", { class: "small" }, t("challenge.progress", { done: stepsDone, steps })),
    expiresAt && countdown(t("challenge.time"), fmt.clock(Math.max(0, Date.parse(expiresAt) - state.now))),
    cannot({ t, act }),
  ];
}
