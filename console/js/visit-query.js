/** What is asked for in the list of visits: from the address to the form, and from the form to the server. */
import { dayStart, fromField, ownZone, toField } from "./times.js";

export const WHEN = ["1h", "24h", "today", "yesterday", "7d", "30d", "365d", "custom"];
export const OUTCOMES = ["live", "granted", "denied", "not_recognised", "registered", "left", "expired"];
export const REASONS = [
  "wrong_pin",
  "pin_not_used",
  "wrong_voice",
  "presentation",
  "different_face",
  "not_identified",
  "refused_by_staff",
  "refused_at_enrolment",
  "not_collected",
  "cut_off",
];
const PLAIN = ["kiosk", "person", "claimed", "outcome", "reason", "reference", "session", "faces", "two", "held"];
const HOUR = 3_600_000;

/** The zone that the times of a question are meant in: the kiosk's, else this browser's. */
export const zoneOfQuery = (app, query) => (query.kiosk && app.zoneOf(query.kiosk)) || ownZone();

/** A reference, or one person's whole history, is not bound to the last day unless somebody says so. */
const usual = (query) => (query.reference || query.person || query.claimed || query.session || query.held ? "365d" : "24h");

export function whenOf(query) {
  if (query.from || query.to) return "custom";
  return WHEN.includes(query.when) ? query.when : usual(query);
}

/** @returns {{from?: string, to?: string}} instants */
export function range(query, zone, now) {
  const today = () => dayStart(new Date(now).toISOString(), zone);
  const ago = (hours) => new Date(now - hours * HOUR).toISOString();
  switch (whenOf(query)) {
    case "custom":
      return { from: query.from, to: query.to };
    case "today":
      return { from: today() };
    case "yesterday":
      return { from: dayStart(new Date(Date.parse(today()) - HOUR).toISOString(), zone), to: today() };
    case "1h":
      return { from: ago(1) };
    case "7d":
      return { from: ago(7 * 24) };
    case "30d":
      return { from: ago(30 * 24) };
    case "365d":
      return { from: ago(365 * 24) };
    default:
      return { from: ago(24) };
  }
}

/** What `GET /api/visits` is asked with. */
export function asked(query, zone, now) {
  const plain = Object.fromEntries(PLAIN.filter((name) => query[name]).map((name) => [name, query[name]]));
  return { ...plain, ...range(query, zone, now) };
}

/** The fields of the form, from the address. */
export function fieldsOf(query, zone, now) {
  const { from, to } = range(query, zone, now);
  return { from: from ? toField(from, zone) : "", to: to ? toField(to, zone) : toField(new Date(now + 60_000).toISOString(), zone) };
}

/** The address's query, from what the form holds. `zone` is the chosen kiosk's: two o'clock stays two o'clock. */
export function queryOf(values, zone) {
  const custom = values.when === "custom";
  return {
    when: custom || values.when === usual(values) ? null : values.when,
    from: custom ? fromField(values.from ?? "", zone) : null,
    to: custom ? fromField(values.to ?? "", zone, true) : null,
    kiosk: values.kiosk,
    outcome: values.outcome,
    reason: values.outcome === "denied" ? values.reason : null,
    reference: values.reference?.toUpperCase(),
    faces: values.faces ? "unknown" : null,
    two: values.two ? "true" : null,
    held: values.held ? "true" : null,
    person: values.person,
    claimed: values.claimed,
  };
}
