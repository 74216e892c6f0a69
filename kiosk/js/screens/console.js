/** The original's live console, under the local host only: states and timings, never who, which number or which token. */
import { h } from "../dom.js";

export function console({ state, trace, t }) {
  const { frames, polls, lines } = trace;
  const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  const fact = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));
  return h(
    "aside",
    { class: "console", key: "console", dir: "ltr", lang: "en", "aria-label": t("console.label") },
    h("h2", {}, "Live console"),
    h(
      "dl",
      {},
      fact("state", state.view?.state ?? state.phase),
      fact("version", String(state.view?.version ?? "–")),
      fact("guidance", state.view?.guidance ?? "–"),
      fact("presence", state.view?.presence ?? "–"),
      fact("frames sent", String(frames.sent)),
      fact("analysed", String(state.view?.analysedSeq ?? 0)),
      fact("last upload", frames.sent ? `${Math.round(frames.lastMs)} ms, ${frames.width} px` : "–"),
      fact("mean frame", frames.sent ? `${(frames.bytes / frames.sent / 1024).toFixed(1)} KB` : "–"),
      fact("polls", `${polls.sent}, ${polls.unchanged} unchanged`),
      fact("last poll", `${Math.round(polls.lastMs)} ms`),
    ),
    h(
      "ol",
      { tabindex: "0", "aria-label": t("console.transitions") },
      lines.map((line, i) => h("li", { key: String(i) }, h("time", {}, seconds(line.at)), " ", line.step ? `${line.state} · ${line.step}` : line.state, " ", h("small", {}, `v${line.version}`))),
    ),
  );
}
