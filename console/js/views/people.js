/** People by the beginning of their name. What is typed stays out of the address: it is somebody's name. */
import { h } from "/kiosk/js/dom.js";
import { createPaged } from "../paged.js";
import { downloadPosted } from "../download.js";
import { field, groundFields, written } from "../fields.js";
import { button, empty, fetched, link, linkButton, moreButton, table, tag } from "../parts.js";
import { address, go } from "../router.js";
import { day, ownZone } from "../times.js";

const STATUSES = ["invited", "pending", "active", "suspended", "erasing"];
const KINDS = { active: "good", pending: "warm", suspended: "bad", erasing: "bad", invited: "" };

export const statusTag = (app, status) => tag(app.label("status", status), KINDS[status] ?? "");

export function peopleView(page) {
  const { app, t } = page;
  const name = () => history.state?.name ?? null;
  const list = createPaged(page.changed, async (cursor) => {
    const found = await app.call("POST", "/api/people/search", {
      json: { name: name(), status: page.query.status ?? null, limit: 50, cursor },
    });
    return { items: found.people, cursor: found.cursor };
  });
  list.reload();

  function submit(event) {
    event.preventDefault();
    search(event.currentTarget);
  }

  function search(form) {
    const values = written(form);
    history.replaceState({ ...history.state, name: values.name }, "");
    if ((values.status ?? undefined) === page.query.status) list.reload();
    else go(address(["people"], { status: values.status }), { replace: true });
  }

  return {
    moved: () => list.reload(),
    render: () => ({
      title: t("section.people"),
      wide: true,
      actions: [
        app.may("people_import") &&
          linkButton({ label: t("people.import"), href: address(["people", "import"]), act: "import", icon: "upload" }),
        app.may("people_export") &&
          button({ label: t("people.export"), act: "export", icon: "download", onclick: () => exportPeople(page) }),
      ],
      body: [
        h(
          "form",
          {
            class: "filters",
            role: "search",
            "aria-label": t("people.search"),
            onsubmit: submit,
            onchange: (event) => event.target.name === "status" && search(event.currentTarget),
          },
          field({ name: "name", label: t("people.name"), value: name(), maxlength: "80", type: "search" }),
          field({
            name: "status",
            label: t("people.status"),
            type: "select",
            value: page.query.status ?? "",
            options: [["", t("filter.all")], ...STATUSES.map((status) => [status, app.label("status", status)])],
          }),
          h("button", { type: "submit", class: "button", "data-act": "search" }, h("span", {}, t("search"))),
        ),
        fetched(app, list, () => (list.items.length ? [rows(page, list.items), moreButton(app, list)] : empty(t("people.none"), "people"))),
      ],
    }),
  };
}

const rows = ({ app, t }, people) =>
  table(
    t("section.people"),
    [
      { head: t("people.name") },
      { head: t("people.status") },
      { head: t("person.phone") },
      { head: t("person.customer") },
      { head: t("person.registered") },
    ],
    people.map((person) => [
      link(address(["people", person.id]), person.name),
      statusTag(app, person.status),
      person.phone,
      person.customer ?? h("span", { class: "soft" }, t("person.no_customer")),
      h("time", { datetime: person.createdAt }, day(person.createdAt, ownZone())),
    ]),
    people.map((person) => person.id),
  );

/** In clear for those who may, and say why; masked otherwise. */
function exportPeople({ app, t }) {
  const clear = app.may("people_phone");
  app.ask({
    title: t("people.export"),
    text: t(clear ? "people.export_clear" : "people.export_masked"),
    fields: clear ? groundFields(t).map((one) => ({ ...one, required: null, minlength: null })) : [],
    confirm: t("people.export_start"),
    submit: async (values) => {
      await downloadPosted(
        "/api/people/export",
        { ...(values.reason && { reason: values.reason }), ...(values.case && { case: values.case }) },
        "people.csv",
      );
      app.say(t("people.exported"));
    },
  });
}
