/** Asking for an export, and seeing it grow: it is made at the server, so this page may be left and come back to. */
import { h } from "/kiosk/js/dom.js";
import { downloadPieces } from "../download.js";
import { groundFields } from "../fields.js";
import { bar, button, details, fetched, icon, linkButton, note, panel } from "../parts.js";
import { address, go } from "../router.js";
import { bytes, moment, number, ownZone } from "../times.js";

const EVERY_MS = 1000;
const RUNNING = new Set(["waiting", "running"]);

/** @param {{visit: string} | {query: object}} what */
export function exportDialog({ app, t }, what, text) {
  app.ask({
    title: t("export.title"),
    text,
    fields: groundFields(t),
    confirm: t("export.start"),
    async submit(values) {
      const { id } = await app.call("POST", "/api/exports", {
        json: { ...what, reason: values.reason, ...(values.case && { case: values.case }) },
      });
      go(address(["exports", id]));
    },
  });
}

export function exportView(page) {
  const { app, t, params } = page;
  const job = page.resource(() => app.call("GET", `/api/exports/${encodeURIComponent(params.id)}`));
  job.reload();
  page.every(EVERY_MS, async () => {
    if (!job.data || !RUNNING.has(job.data.state)) return;
    await job.reload({ quiet: true });
    if (job.data.state === "done") app.say(t("export.done"));
  });
  const large = { done: null };
  return {
    render: () => ({
      title: t("export.title"),
      back: { href: address(["visits"]), text: t("section.visits") },
      body: fetched(app, job, (data) => shown(page, data, large)),
    }),
  };
}

/** The server gives a file of this size whole; a larger one is fetched in pieces. */
const WHOLE = 60_000_000;

function file(page, { size }, large) {
  const { app, t, params } = page;
  const [path, name] = [`/api/exports/${encodeURIComponent(params.id)}/file`, `${params.id}.zip`];
  if (size <= WHOLE)
    return linkButton({ label: t("export.download"), href: path, act: "download", icon: "download", kind: "primary", download: name });
  if (large.done !== null) return bar(large.done / size, t("export.progress"));
  const told = (done) => {
    large.done = done;
    page.changed();
  };
  const fetchIt = async () => {
    told(0);
    await downloadPieces(path, size, name, told).catch((error) => app.say(app.problem(error), "bad"));
    told(null);
  };
  return button({ label: t("export.download"), act: "download", icon: "download", kind: "primary", onclick: fetchIt });
}

function shown(page, job, large) {
  const { t } = page;
  const share = job.total ? job.done / job.total : job.state === "done" ? 1 : 0;
  return panel(
    null,
    h("p", { class: "lead" }, t(`export.state.${job.state}`)),
    RUNNING.has(job.state) && [
      bar(share, t("export.progress")),
      h("p", {}, t("export.progress_of", { done: number(job.done ?? 0), total: number(job.total ?? 0) })),
    ],
    job.state === "failed" && note(t("export.failed_text"), "bad", "alert"),
    job.state === "done" && [
      file(page, job, large),
      details([
        [t("export.size"), job.size && bytes(job.size)],
        [t("export.until"), job.expiresAt && `${moment(job.expiresAt, ownZone())} (${ownZone()})`],
        ["SHA-256", job.sha256 && h("code", { class: "whole" }, job.sha256)],
      ]),
      h("p", { class: "small" }, icon("info"), t("export.holds")),
    ],
  );
}
