/** Finding a person by the beginning of the name, inside another view. */
import { h } from "/kiosk/js/dom.js";
import { field, written } from "../fields.js";
import { alert, button } from "../parts.js";

const MOST = 8;

/** @param {(person: object) => void} chosen */
export function personPicker(page, chosen) {
  const { app, t } = page;
  let found = null;
  let error = null;

  async function search(event) {
    event.preventDefault();
    try {
      found = (await app.call("POST", "/api/people/search", { json: { name: written(event.target).name, status: "active", limit: MOST } }))
        .people;
      error = null;
    } catch (failure) {
      error = app.problem(failure);
    }
    page.changed();
  }

  const choose = (person) => {
    found = null;
    chosen(person);
  };

  return {
    render: () =>
      h(
        "section",
        { class: "panel picker", key: "picker" },
        h(
          "form",
          { class: "line", onsubmit: search, role: "search" },
          field({ name: "name", label: t("picker.label"), required: true, maxlength: "80" }),
          h("button", { type: "submit", class: "button", "data-act": "pick-search" }, h("span", {}, t("search"))),
        ),
        alert(error),
        found &&
          (found.length
            ? h(
                "ul",
                { class: "picked" },
                found.map((person) =>
                  h(
                    "li",
                    { key: person.id },
                    button({ label: `${person.name} (${person.phone})`, act: "pick", onclick: () => choose(person) }),
                  ),
                ),
              )
            : h("p", {}, t("people.none"))),
      ),
  };
}
