/** Which view stands at which address, and the operation it needs. */
import { empty, linkButton } from "../parts.js";
import { attentionView } from "./attention.js";
import { auditView } from "./audit.js";
import { callView } from "./call.js";
import { chartsView } from "./charts.js";
import { exportView } from "./export.js";
import { faceSearchView } from "./face-search.js";
import { faceResultView } from "./face-result.js";
import { holdsView } from "./holds.js";
import { importView } from "./import.js";
import { kiosksView } from "./kiosks.js";
import { liveView } from "./live.js";
import { meView } from "./me.js";
import { peopleView } from "./people.js";
import { personView } from "./person.js";
import { visitView } from "./visit.js";
import { visitsView } from "./visits.js";

const VIEWS = [
  ["attention", attentionView, "attention_list"],
  ["assistance/:id", callView, "assistance_call"],
  ["visits", visitsView, "visits_list"],
  ["visits/:id", visitView, "visits_one"],
  ["exports/:id", exportView, "exports_state"],
  ["live", liveView, "visits_live"],
  ["face-search", faceSearchView, "face_search"],
  ["face-search/:id", faceResultView, "face_search_one"],
  ["charts", chartsView, "charts"],
  ["people", peopleView, "people_list"],
  ["people/import", importView, "people_import"],
  ["people/:id", personView, "people_one"],
  ["kiosks", kiosksView, "kiosks_list"],
  ["holds", holdsView, "holds_list"],
  ["audit", auditView, "audit_list"],
  ["me", meView, null],
].map(([pattern, make, needs]) => ({ pattern: pattern.split("/"), make, needs }));

/** @returns {{make?: Function, params: Record<string, string>, needs?: string | null}} */
export function viewFor({ parts }) {
  const wanted = parts.length ? parts : ["attention"];
  for (const { pattern, make, needs } of VIEWS) {
    if (pattern.length !== wanted.length) continue;
    if (pattern.every((part, i) => part.startsWith(":") || part === wanted[i])) return { make, needs, params: paramsOf(pattern, wanted) };
  }
  return { params: {} };
}

const paramsOf = (pattern, parts) =>
  Object.fromEntries(pattern.map((part, i) => [part.slice(1), parts[i]]).filter((_, i) => pattern[i].startsWith(":")));

const wayBack = (t) => linkButton({ label: t("nav.start"), href: "#/me", act: "start" });

export const missing = ({ t }) => ({ render: () => ({ title: t("missing.title"), body: empty(t("missing.text"), "search", wayBack(t)) }) });
export const forbidden = ({ t }) => ({
  render: () => ({ title: t("forbidden.title"), body: empty(t("forbidden.text"), "lock", wayBack(t)) }),
});
