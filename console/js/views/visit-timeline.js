/** What happened in a visit, in order; each event leads to the picture of its moment. */
import { h } from "/kiosk/js/dom.js";
import { facts } from "../labels.js";
import { clock, day } from "../times.js";

const GOOD = new Set(["face_accepted", "granted", "redeemed", "staff_vouched", "enrolled", "handed_off", "voice_passed", "pin_right"]);
const BAD = new Set([
  "denied",
  "pin_wrong",
  "voice_failed",
  "different_face",
  "staff_refused",
  "challenge_failed",
  "pin_not_sent",
  "pin_not_delivered",
]);

export function timeline({ app, t }, visit, film) {
  const zone = visit.timeZone;
  if (visit.timeline.length === 0) return h("p", { class: "soft" }, t("visit.no_timeline"));
  return h(
    "ol",
    { class: "timeline" },
    visit.timeline.map((event, index) => {
      const number = film.nearest(event.at);
      const newDay = index > 0 && day(visit.timeline[index - 1].at, zone) !== day(event.at, zone);
      const words = [
        h("b", {}, app.label("what", event.what)),
        ...facts(t, event.facts).map(([name, value]) => h("small", { key: name }, `${name}: ${value}`)),
      ];
      return h(
        "li",
        { key: `${event.at} ${event.what} ${index}`, class: GOOD.has(event.what) ? "good" : BAD.has(event.what) ? "bad" : null },
        newDay && h("p", { class: "new-day" }, day(event.at, zone)),
        h("time", { datetime: event.at }, clock(event.at, zone)),
        number === null
          ? h("div", { class: "event" }, words)
          : h("button", { type: "button", class: "event", title: t("visit.show_picture"), onclick: () => film.show(number) }, words),
      );
    }),
  );
}
