/** What stands around every view: navigation, who is signed in, what was just done, and the dialog. */
import { h } from "/kiosk/js/dom.js";
import { dialogShown } from "./dialog.js";
import { button, icon, spinner } from "./parts.js";
import { SECTIONS } from "./roles.js";
import { address } from "./router.js";
import { setMuted } from "./sound.js";
import { signIn, unreachable } from "./views/sign-in.js";

export function shell(app, shown) {
  const { operator, startError } = app.state();
  if (operator === undefined) return [h("main", { class: "alone", id: "main" }, startError ? unreachable(app) : spinner(app.t("loading")))];
  if (operator === null) return [signIn(app), live(app)];
  return [
    h("a", { class: "skip", href: "#main", onclick: skip }, app.t("nav.skip")),
    header(app, operator),
    h(
      "main",
      { id: "main", class: `main ${shown.wide ? "wide" : ""}`, tabindex: "-1" },
      h(
        "div",
        { class: "head" },
        h(
          "div",
          { class: "head-words" },
          shown.back && back(shown.back),
          h("h1", { id: "title", tabindex: "-1" }, shown.title),
          shown.tags,
        ),
        shown.actions && h("div", { class: "actions" }, shown.actions),
      ),
      !app.state().reached &&
        h("p", { class: "notice bad", role: "alert", key: "offline" }, icon("alert"), h("span", {}, app.t("problem.unreachable"))),
      h("div", { class: "view", key: shown.key ?? "view" }, shown.body),
    ),
    live(app),
    ...(app.state().dialog ? [dialogShown(app)] : []),
  ];
}

/** The address behind `#` is the view's: the link must not change it. */
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

const back = ({ href, text }) => h("a", { class: "back", href }, icon("back"), text);

function header(app, operator) {
  const { menu, muted } = app.state();
  const { t } = app;
  return h(
    "header",
    { class: `side ${menu ? "open" : ""}` },
    h("div", { class: "brand" }, icon("mark"), h("span", {}, t("app.name")), badge(app, "badge-brand"), menuButton(app, menu)),
    h(
      "nav",
      { "aria-label": t("nav.label"), id: "nav" },
      h(
        "ul",
        {},
        SECTIONS.filter(({ needs }) => app.may(needs)).map((section) => navItem(app, section)),
      ),
    ),
    h(
      "div",
      { class: "who" },
      app.may("attention_list") &&
        button({
          label: t(muted ? "sound.turn_on" : "sound.turn_off"),
          act: "mute",
          icon: muted ? "muted" : "sound",
          kind: "quiet",
          onclick: () => toggleSound(app),
        }),
      h(
        "a",
        { href: address(["me"]), class: "me", "aria-current": current(app, "me") },
        icon("person"),
        h("span", { class: "me-words" }, h("b", {}, operator.name), h("small", {}, app.label("role", operator.role))),
      ),
    ),
  );
}

const menuButton = (app, menu) =>
  button({
    label: app.t("nav.menu"),
    act: "menu",
    icon: "menu",
    kind: "quiet menu",
    "aria-expanded": String(menu),
    "aria-controls": "nav",
    onclick: () => app.store.set({ menu: !menu }),
  });

function toggleSound(app) {
  const muted = !app.state().muted;
  setMuted(muted);
  app.store.set({ muted });
}

const current = (app, name) =>
  (((app.state().route.parts[0] ?? "attention") === name || ALSO[app.state().route.parts[0]] === name) && "page") || null;
const ALSO = { assistance: "attention", exports: "visits" };

const navItem = (app, { name, icon: picture }) =>
  h(
    "li",
    {},
    h(
      "a",
      { href: address([name]), "aria-current": current(app, name) },
      icon(picture),
      h("span", {}, app.t(`section.${name}`)),
      name === "attention" && badge(app),
    ),
  );

function badge(app, kind = "") {
  const open = (app.state().attention.items ?? []).filter((item) => !item.acknowledged).length;
  return (
    open > 0 &&
    h("b", { class: `badge ${kind}` }, String(open), h("span", { class: "unseen" }, ` ${app.t("attention.open", { count: open })}`))
  );
}

/** Always there, so that what appears in it is read out. */
function live(app) {
  const { notice } = app.state();
  return h(
    "div",
    { class: "notices", role: "status", "aria-live": "polite", key: "notices" },
    notice &&
      h("p", { class: `notice ${notice.kind}` }, icon({ bad: "alert", warm: "bell" }[notice.kind] ?? "check"), h("span", {}, notice.text)),
  );
}
