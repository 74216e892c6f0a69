import { h } from "../dom.js";
import { MAX_SECONDS } from "../voice/endpoint.js";
import { alert, bar, button, buttons, icon, lead, note, problemText, spinner, title } from "./parts.js";

/** The one language that the machine understands: the digits are read in it, whatever the page speaks. */
const SPOKEN = "en";
const WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** "Read aloud": the sentence and six digits that are not the SMS code. */
export function voice(ctx) {
  const { state, t, act } = ctx;
  const phrase = state.view.voice;
  return [
    title(t("voice.title")),
    lead(t("voice.lead")),
    phraseCard(ctx, phrase),
    alert(voiceProblem(ctx)),
    recorder(ctx),
    h(
      "div",
      { class: "facts" },
      phrase && h("p", { class: "attempts" }, icon("shield"), h("span", {}, t("voice.attempts", { count: phrase.attemptsLeft }))),
      button({ label: t("voice.cannot"), act: "assistance", kind: "quiet", icon: "staff", onclick: act.assistance }),
    ),
  ];
}

export function phraseCard({ state, t, fmt }, phrase) {
  if (!phrase) return spinner(t("voice.preparing"));
  const english = state.language === SPOKEN;
  return h(
    "div",
    { class: "phrase", key: `phrase-${phrase.attempt ?? phrase.taken}` },
    !english && h("p", { class: "small" }, t("voice.in_language", { language: fmt.languageName(SPOKEN) })),
    phrase.sentence && h("p", { class: "phrase-sentence", lang: SPOKEN, dir: "ltr" }, `“${phrase.sentence}”`),
    h("p", { class: "phrase-digits", lang: SPOKEN, dir: "ltr" }, phrase.digits.split("").map((digit) => h("span", {}, digit, " "))),
    !english && h("p", { class: "phrase-words", lang: SPOKEN, dir: "ltr" }, phrase.digits.split("").map((digit) => WORDS[digit]).join(" ")),
    h("p", { class: "small" }, t("voice.not_sms")),
  );
}

export function recorder({ state, t, act }) {
  const { mode, level, seconds } = state.voice;
  if (mode === "sending" || mode === "sent") return state.held ? null : spinner(t("voice.sending"));
  if (mode === "opening") return spinner(t("voice.opening"));
  if (mode === "ready") {
    return button({ label: state.voice.problem || state.view.voice?.problem ? t("voice.again") : t("voice.start"), act: "record", kind: "primary huge", icon: "mic", onclick: act.record });
  }
  return h(
    "div",
    { class: "recording" },
    h("p", { class: "recording-state", role: "status" }, icon("record", "live"), h("span", {}, t("voice.recording"))),
    meter(level),
    bar(seconds / MAX_SECONDS, t("voice.time"), "thin"),
    button({ label: t("voice.finish"), act: "finish-recording", kind: "primary", icon: "check", onclick: act.finishRecording }),
  );
}

const METER_BARS = 24;

/** Loudness in decibels above −60, so that a quiet voice still moves it. */
function meter(level) {
  const loud = Math.max(0, Math.min(1, (20 * Math.log10(level + 1e-6) + 60) / 50));
  return h(
    "div",
    { class: "meter", "aria-hidden": "true" },
    Array.from({ length: METER_BARS }, (_, i) => h("i", { class: i / METER_BARS < loud ? "lit" : "" })),
  );
}

export function voiceProblem(ctx) {
  const { state, t } = ctx;
  if (state.held === "voice") return t("held");
  if (state.voice.mode !== "ready") return null;
  if (state.voice.problem) return t(`voice_problem.${state.voice.problem}`);
  return problemText(ctx);
}

export function checking({ t }) {
  return [title(t("checking.title")), lead(t("checking.lead")), spinner(t("checking.short"))];
}

export function microphone({ state, t, act }) {
  return [
    title(t(`microphone.${state.voice.trouble}`)),
    lead(t(`microphone.${state.voice.trouble}_lead`)),
    note(t("microphone.why"), "mic"),
    buttons(
      button({ label: t("try_again"), act: "retry-microphone", kind: "primary", icon: "retry", onclick: act.retryMicrophone }),
      button({ label: t("way.assistance"), act: "assistance", icon: "staff", onclick: act.assistance }),
    ),
  ];
}
