/** Times in a kiosk's own zone, and wall clocks turned into instants. Everything on the wire is UTC. */
const LANGUAGE = "en-GB";
const cache = new Map();

function formatter(zone, options) {
  const key = `${zone} ${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, made(zone, options));
  return cache.get(key);
}

function made(zone, options) {
  try {
    return new Intl.DateTimeFormat(LANGUAGE, { timeZone: zone, ...options });
  } catch {
    return new Intl.DateTimeFormat(LANGUAGE, { timeZone: "UTC", ...options }); // a zone this browser does not know
  }
}

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const DAY = { day: "numeric", month: "short", year: "numeric" };

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** "14:03:12" */
export const clock = (iso, zone) => formatter(zone, CLOCK).format(new Date(iso));
/** "14:03" */
export const minute = (iso, zone) => formatter(zone, { ...CLOCK, second: undefined }).format(new Date(iso));
/** "22 Nov 2026" */
export const day = (iso, zone) => formatter(zone, DAY).format(new Date(iso));
/** "22 Nov 2026, 14:03:12" */
export const moment = (iso, zone) => `${day(iso, zone)}, ${clock(iso, zone)}`;

/** What the zone is called at that moment: "GMT+9". */
export function zoneName(iso, zone) {
  const parts = formatter(zone, { timeZoneName: "short" }).formatToParts(new Date(iso));
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
}

/** "14:03:12 – 14:05:40", with the second day's date where the visit crossed midnight. */
export function span(from, to, zone) {
  if (!to) return clock(from, zone);
  const across = day(from, zone) !== day(to, zone);
  return `${clock(from, zone)} – ${across ? `${day(to, zone)}, ` : ""}${clock(to, zone)}`;
}

/** "2026-11-22T14:03", what a date and time field shows. */
export function toField(iso, zone) {
  const parts = formatter(zone, { ...CLOCK, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(new Date(iso));
  const of = (type) => parts.find((part) => part.type === type).value;
  return `${of("year").padStart(4, "0")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}`;
}

/**
 * The instant of a wall clock in a zone. An hour that the clocks repeat gives the first instant, or with `last` the second;
 * an hour that they skip gives the moment of the jump.
 * @param {string} field "2026-11-22T14:03" @returns {string | null} ISO 8601, UTC
 */
export function fromField(field, zone, last = false) {
  const wall = Date.parse(`${field}Z`);
  if (Number.isNaN(wall)) return null;
  const candidates = [-86_400_000, 0, 86_400_000].map((shift) => wall - offset(wall + shift, zone));
  const right = [...new Set(candidates)].filter((at) => at + offset(at, zone) === wall).sort((a, b) => a - b);
  const chosen = right.length ? right[last ? right.length - 1 : 0] : afterTheJump(wall, zone);
  return new Date(chosen).toISOString();
}

/** Milliseconds that the zone is ahead of UTC at that instant. */
function offset(at, zone) {
  const second = Math.floor(at / 1000) * 1000;
  return Date.parse(`${toField(second, zone)}:${clock(second, zone).slice(6)}Z`) - second;
}

function afterTheJump(wall, zone) {
  const [before, after] = [offset(wall - 86_400_000, zone), offset(wall + 86_400_000, zone)];
  let [low, high] = [wall - Math.max(before, after) - 3_600_000, wall - Math.min(before, after) + 3_600_000];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offset(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** Midnight of the day that an instant lies in. */
export const dayStart = (at, zone) => fromField(`${toField(at, zone).slice(0, 10)}T00:00`, zone);

/** "2:05", or "1:02:05" from an hour on. */
export function length(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export const number = (value) => new Intl.NumberFormat(LANGUAGE).format(value);
export function bytes(size) {
  const [divisor, unit] = size >= 1e9 ? [1e9, "gigabyte"] : size >= 1e6 ? [1e6, "megabyte"] : [1e3, "kilobyte"];
  return new Intl.NumberFormat(LANGUAGE, { style: "unit", unit, maximumFractionDigits: 1 }).format(size / divisor);
}
