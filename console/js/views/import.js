/** People from a CSV file: first what would become of each line, then the real thing. */
import { h } from "/kiosk/js/dom.js";
import { field, written } from "../fields.js";
import { alert, button, link, note, panel, table, tag } from "../parts.js";
import { address } from "../router.js";
import { number } from "../times.js";

const SHOWN = 500;

export function importView(page) {
  const { app, t } = page;
  const state = { file: null, report: null, error: null, busy: false };

  async function run(dryRun) {
    if (state.busy || !state.file) return;
    Object.assign(state, { busy: true, error: null });
    page.changed();
    try {
      state.report = await app.call("POST", `/api/people/import?dryRun=${dryRun}`, {
        body: state.file,
        type: "text/csv",
        timeoutMs: 300_000,
      });
      if (!dryRun) app.say(t("import.done", { count: state.report.new }));
    } catch (error) {
      state.error = app.problem(error);
    }
    state.busy = false;
    page.changed();
  }

  function tried(event) {
    event.preventDefault();
    state.file = written(event.currentTarget).file;
    run(true);
  }

  return {
    render: () => ({
      title: t("import.title"),
      back: { href: address(["people"]), text: t("section.people") },
      body: [
        h("p", { class: "lead" }, t("import.lead")),
        h(
          "form",
          { class: "panel form", onsubmit: tried },
          field({
            name: "file",
            label: t("import.file"),
            type: "file",
            accept: ".csv,text/csv",
            required: true,
            hint: t("import.columns"),
          }),
          alert(state.error),
          h(
            "button",
            { type: "submit", class: "button primary", "data-act": "try", "aria-disabled": state.busy ? "true" : null },
            h("span", {}, t(state.busy ? "working" : "import.try")),
          ),
        ),
        state.report && report(page, state, run),
      ],
    }),
  };
}

function report({ app, t }, { report: { dryRun, new: fresh, counts, lines }, busy }, run) {
  return panel(
    t(dryRun ? "import.would" : "import.report"),
    h(
      "p",
      { class: "tags" },
      Object.entries(counts).map(([outcome, count]) =>
        tag(
          `${app.label("import.outcome", outcome)}: ${number(count)}`,
          outcome === "new" ? "good" : outcome === "registered" ? "" : "bad",
        ),
      ),
    ),
    dryRun &&
      fresh > 0 &&
      button({
        label: t("import.go", { count: fresh, number: number(fresh) }),
        act: "import",
        kind: "primary",
        icon: "upload",
        busy,
        onclick: () => run(false),
      }),
    dryRun && fresh === 0 && note(t("import.nothing"), "warm"),
    table(
      t("import.lines"),
      [
        { head: t("import.line"), class: "number" },
        { head: t("import.outcome_head") },
        { head: t("people.status") },
        { head: t("person.title") },
      ],
      lines
        .slice(0, SHOWN)
        .map(({ line, outcome, status, person }) => [
          number(line),
          tag(app.label("import.outcome", outcome), outcome === "new" ? "good" : outcome === "registered" ? "" : "bad"),
          app.label("status", status),
          person ? link(address(["people", person]), t("person.see")) : "",
        ]),
    ),
    lines.length > SHOWN && h("p", { class: "small" }, t("import.cut", { shown: number(SHOWN), count: number(lines.length) })),
  );
}
