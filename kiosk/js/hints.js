/**
 * At most one hint, and none that flickers: what is shown stays for at least HOLD_MS, however often the wish changes.
 * 600 ms is about the time a two-word sign needs to be read.
 */
export const HOLD_MS = 600;

/** What the server may say (View.guidance); the catalogue has `hint.<name>` for each, the icon sheet `hint-<name>`. */
export const GUIDANCE = [
  "look_at_camera",
  "come_closer",
  "move_back",
  "centre_face",
  "one_person",
  "more_light",
  "less_light",
  "hold_still",
  "face_camera",
  "uncover_face",
  "take_off_sunglasses",
  "camera_covered",
];

/** Guidance that speaks of no face: a picture nearly black is then a covered lens, and not a dark room. */
const NOTHING_SEEN = new Set([null, "look_at_camera", "camera_covered"]);

/**
 * @param {{hint: string | null, since: number}} shown
 * @param {string | null} wanted
 * @param {number} at milliseconds, any steady clock
 */
export function holdHint(shown, wanted, at) {
  if (wanted === shown.hint || at - shown.since < HOLD_MS) return shown;
  return { hint: wanted, since: at };
}

/** The one hint wanted now. A covered lens is seen here before the server can say so; where the server sees more, it knows better. */
export function wantedHint(view, covered) {
  if (!view || view.end) return null;
  if (covered && NOTHING_SEEN.has(view.guidance ?? null)) return "camera_covered";
  if (GUIDANCE.includes(view.guidance)) return view.guidance;
  if (!needsPresence(view)) return null;
  if (view.presence === "alone") return "one_person";
  return view.presence === "look" ? "look_at_camera" : null;
}

/** Presence speaks of the accepted person: before there is one it is always "look", and asks for nothing. */
function needsPresence(view) {
  if (view.state === "enrolling") return ["pin", "phrases"].includes(view.enrolment?.step);
  return ["pin", "voice", "granted", "handed_off"].includes(view.state);
}
