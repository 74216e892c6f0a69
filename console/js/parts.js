/** The small pieces that views are made of. Text is always text; pictures stand beside words. */
import { h } from "/kiosk/js/dom.js";
import { moment, zoneName } from "./times.js";

export const icon = (name, kind = "") =>
  h("svg", { class: `icon ${kind}`, "aria-hidden": "true", focusable: "false" }, h("use", { href: `/console/img/icons.svg#${name}` }));

/** @param {{label: string, act: string, onclick: Function, icon?: string, kind?: string, busy?: boolean}} options `act` names it for tests */
export const button = ({ label, act, onclick, icon: picture, kind = "", busy = false, ...rest }) =>
  h(
    "button",
    {
      type: "button",
      key: act,
      class: `button ${kind}`,
      "data-act": act,
      onclick: busy ? null : onclick,
      "aria-disabled": busy ? "true" : null,
      ...rest,
    },
    picture && icon(picture),
    h("span", {}, label),
  );

export const link = (href, text, more = {}) => h("a", { href, ...more }, text);
export const linkButton = ({ label, href, act, icon: picture, kind = "", ...rest }) =>
  h("a", { class: `button ${kind}`, key: act, href, "data-act": act, ...rest }, picture && icon(picture), h("span", {}, label));

export const spinner = (text) =>
  h("p", { class: "spinner", key: "spinner", role: "status" }, h("span", { class: "spin", "aria-hidden": "true" }), h("span", {}, text));
export const note = (text, kind = "", picture = "info") => text && h("p", { class: `notice ${kind}` }, icon(picture), h("span", {}, text));
export const alert = (text) => text && h("p", { class: "notice bad", role: "alert" }, icon("alert"), h("span", {}, text));
export const empty = (text, picture = "check", more = null) => h("div", { class: "empty" }, icon(picture, "big"), h("p", {}, text), more);

const TAGS = {
  granted: ["good", "check"],
  registered: ["good", "person-add"],
  denied: ["bad", "deny"],
  live: ["live", "live"],
  left: ["", "left"],
  expired: ["", "clock"],
  not_recognised: ["warm", "face"],
};

export const tag = (text, kind = "", picture = null) => h("span", { class: `tag ${kind}` }, picture && icon(picture), h("span", {}, text));
export const outcomeTag = (app, outcome) => tag(app.label("outcome", outcome), ...(TAGS[outcome] ?? ["", null]));
export const holdTag = (app) => tag(app.t("hold.tag"), "warm", "hold");

/** A time with its zone named; the machine-readable instant goes with it. */
export const time = (iso, zone, text = null) =>
  h("time", { datetime: iso, title: `${moment(iso, zone)} ${zoneName(iso, zone)}` }, text ?? `${moment(iso, zone)} ${zoneName(iso, zone)}`);

/** @param {[string, any][]} rows without those that have no value */
export const details = (rows) =>
  h(
    "dl",
    { class: "details" },
    rows
      .filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
      .map(([name, value]) => h("div", { key: name }, h("dt", {}, name), h("dd", {}, value))),
  );

export const panel = (title, ...content) => h("section", { class: "panel", key: title }, title && h("h2", {}, title), content);

/**
 * What a resource shows in each of its states.
 * @param {(data: any) => any} shown
 */
export function fetched(app, resource, shown) {
  if (resource.state === "loading") return spinner(app.t("loading"));
  if (resource.state === "failed") return failed(app, resource);
  return shown(resource.data);
}

function failed(app, { error, reload }) {
  const gone = error.status === 404;
  return h(
    "div",
    { class: "empty", role: "alert" },
    icon(gone ? "search" : "alert", "big"),
    h("p", {}, gone ? app.t("problem.not_found") : app.problem(error)),
    !gone && error.status !== 403 && button({ label: app.t("retry"), act: "retry", icon: "retry", onclick: () => reload() }),
  );
}

/** A table that a narrow screen may scroll sideways. @param {{head: string, class?: string}[]} columns @param {any[][]} rows */
export const table = (caption, columns, rows, keys = null) =>
  h(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map((column, i) => h("th", { scope: "col", class: column.class ?? null, key: `c${i}` }, column.head)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((cells, row) =>
          h(
            "tr",
            { key: keys ? keys[row] : `r${row}` },
            cells.map((cell, i) => h("td", { class: columns[i].class ?? null, key: `c${i}` }, cell)),
          ),
        ),
      ),
    ),
  );

export const moreButton = (app, list) =>
  list.cursor &&
  button({ label: app.t(list.busy ? "loading" : "more"), act: "more", kind: "wide", busy: list.busy, onclick: () => list.more() });

/** @param {number} share 0…1 */
export const bar = (share, label) =>
  h(
    "div",
    {
      class: "bar",
      role: "progressbar",
      "aria-label": label,
      "aria-valuemin": "0",
      "aria-valuemax": "100",
      "aria-valuenow": String(Math.round(share * 100)),
    },
    h("span", { class: "bar-fill", vars: { "--share": String(share) } }),
  );
