/** What the machine learned of a face by itself; each can be undone. */
import { h } from "/kiosk/js/dom.js";
import { button, panel } from "../parts.js";
import { moment, ownZone } from "../times.js";

export function learnedPanel({ app, t }, { learned }, { act }) {
  if (learned.length === 0) return null;
  const undo = (template) => act("unlearn", { to: `learned/${encodeURIComponent(template)}/undo`, danger: true });
  return panel(
    t("person.learned"),
    h(
      "ul",
      { class: "clips" },
      learned.map(({ id, at }) =>
        h(
          "li",
          { key: id },
          h("time", { datetime: at }, moment(at, ownZone())),
          app.may("people_unlearn") && button({ label: t("person.unlearn"), act: "unlearn", onclick: undo(id) }),
        ),
      ),
    ),
  );
}
