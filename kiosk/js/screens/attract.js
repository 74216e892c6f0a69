import { h } from "../dom.js";
import { alert, button, icon, problemText, title } from "./parts.js";

export function attract(ctx) {
  const { state, t, act } = ctx;
  const { notice, start } = state.config;
  const face = start === "face";
  return [
    title(t("attract.title")),
    h("p", { class: "lead" }, face ? t("attract.lead_face") : t("attract.lead_touch")),
    alert(problemText(ctx)),
    button({ label: t("attract.start"), act: "start", kind: "primary huge", icon: "touch", onclick: act.start }),
    h(
      "p",
      { class: "recording-notice" },
      icon("record"),
      h("span", {}, t("attract.recorded", { operator: notice.operator, count: notice.retentionDays }), " ", t("attract.not_yet")),
    ),
  ];
}
