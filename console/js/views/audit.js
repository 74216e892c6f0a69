/** What operators did, a day at a time, and whether the record is still as it was written. */
import { h } from "/kiosk/js/dom.js";
import { queryString } from "../api.js";
import { createPaged } from "../paged.js";
import { field, written } from "../fields.js";
import { facts } from "../labels.js";
import { alert, button, empty, fetched, icon, link, moreButton, note, panel, table } from "../parts.js";
import { address, go } from "../router.js";
import { clock } from "../times.js";

const MONTH_DAYS = 30;
const utcDay = (ms) => new Date(ms).toISOString().slice(0, 10);

export function auditView(page) {
  const { app, t } = page;
  const today = () => page.query.day ?? utcDay(Date.now());
  const list = createPaged(page.changed, async (cursor) => {
    const { entries, cursor: next } = await app.call("GET", `/api/audit${queryString({ day: page.query.day, cursor })}`);
    return { items: entries, cursor: next };
  });
  const proof = { result: null, error: null, busy: false };
  list.reload();

  async function verify() {
    Object.assign(proof, { busy: true, error: null, result: null });
    page.changed();
    try {
      proof.result = await app.call(
        "GET",
        `/api/audit/verify${queryString({ from: utcDay(Date.now() - MONTH_DAYS * 86_400_000), to: utcDay(Date.now()) })}`,
        { timeoutMs: 120_000 },
      );
    } catch (error) {
      proof.error = app.problem(error);
    }
    proof.busy = false;
    page.changed();
  }

  const chosen = (event) => {
    event.preventDefault();
    go(address(["audit"], { day: written(event.currentTarget).day }), { replace: true });
  };

  return {
    moved: () => list.reload(),
    render: () => ({
      title: t("section.audit"),
      wide: true,
      actions:
        app.may("audit_verify") &&
        button({
          label: t(proof.busy ? "audit.verifying" : "audit.verify"),
          act: "verify-audit",
          icon: "shield",
          busy: proof.busy,
          onclick: verify,
        }),
      body: [
        proven(page, proof),
        h(
          "form",
          { class: "filters", onchange: chosen, onsubmit: chosen },
          field({
            name: "day",
            label: t("audit.day"),
            type: "date",
            value: today(),
            key: `day ${page.query.day}`,
            max: utcDay(Date.now()),
            hint: t("audit.utc"),
          }),
        ),
        fetched(app, list, () => (list.items.length ? [rows(page, list.items), moreButton(app, list)] : empty(t("audit.none"), "book"))),
      ],
    }),
  };
}

function proven({ t }, { result, error }) {
  if (error) return alert(error);
  if (!result) return null;
  const waiting = result.waiting > 0 ? ` ${t("audit.waiting", { count: result.waiting })}` : "";
  if (result.ok) return note(t("audit.whole", { count: result.checked, days: result.days }) + waiting, "good", "shield");
  const { day, entry, why } = result.firstBroken ?? {};
  return h(
    "div",
    { class: "notice bad", role: "alert" },
    icon("alert"),
    h("div", {}, h("b", {}, t("audit.broken")), h("p", {}, [day, entry, why].filter(Boolean).join(" · "))),
  );
}

const rows = ({ app, t }, entries) =>
  panel(
    null,
    table(
      t("section.audit"),
      [
        { head: t("audit.time") },
        { head: t("audit.operator") },
        { head: t("audit.action") },
        { head: t("audit.subjects") },
        { head: t("ground.reason") },
        { head: t("audit.facts") },
      ],
      entries.map((entry) => [
        h("time", { datetime: entry.at }, clock(entry.at, "UTC")),
        [h("b", {}, entry.operator), entry.role && h("small", {}, app.label("role", entry.role))],
        app.label("action", entry.action),
        Object.entries(entry.subjects).map(([kind, id]) => h("div", { key: kind }, subject(app, kind, id))),
        [entry.reason, entry.case && h("small", {}, entry.case)],
        facts(t, entry.facts).map(([name, value]) => h("small", { key: name }, `${name}: ${value}`)),
      ]),
      entries.map((entry) => entry.id),
    ),
  );

function subject(app, kind, id) {
  const words = app.label("subject", kind);
  if (kind === "person" && app.may("people_one")) return link(address(["people", id]), words);
  if ((kind === "session" || kind === "visit") && app.may("visits_one")) return link(address(["visits", id]), words);
  return `${words} ${id}`;
}
