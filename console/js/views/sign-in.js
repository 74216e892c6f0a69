/** Signing in: by name and password where operators are local, by the platform's own page where that stands in front. */
import { h } from "/kiosk/js/dom.js";
import { enter } from "../app.js";
import { field, written } from "../fields.js";
import { alert, button, icon, note } from "../parts.js";
import { allow } from "../sound.js";

const state = { error: null, busy: false, platform: null };

export function signIn(app) {
  const { t } = app;
  if (state.platform === null) askPlatform(app);
  return h(
    "main",
    { class: "alone", id: "main" },
    h(
      "div",
      { class: "signin" },
      icon("mark", "big"),
      h("h1", { id: "title", tabindex: "-1" }, t("signin.title")),
      app.state().lost && note(t("signin.lost"), "warm"),
      state.platform ? platformWay(t) : form(app),
    ),
  );
}

const form = (app) =>
  h(
    "form",
    { onsubmit: (event) => submit(app, event) },
    field({ name: "name", label: app.t("signin.name"), autocomplete: "username", required: true, maxlength: "32" }),
    field({
      name: "password",
      label: app.t("signin.password"),
      type: "password",
      autocomplete: "current-password",
      required: true,
      maxlength: "200",
    }),
    alert(state.error),
    h(
      "button",
      { type: "submit", class: "button primary wide", "data-act": "sign-in", "aria-disabled": state.busy ? "true" : null },
      h("span", {}, app.t(state.busy ? "working" : "signin.submit")),
    ),
  );

const platformWay = (t) =>
  h(
    "a",
    { class: "button primary wide", href: "/.auth/login/aad?post_login_redirect_uri=/console/", "data-act": "platform" },
    h("span", {}, t("signin.platform")),
  );

/** App Service Authentication answers at this address wherever it stands in front; elsewhere there is nothing. */
async function askPlatform(app) {
  state.platform = false;
  try {
    state.platform = (await fetch("/.auth/me", { redirect: "manual" })).status !== 404;
  } catch {
    return; // unreachable: the form says so when it is used
  }
  if (state.platform) app.changed();
}

export const hasPlatform = () => state.platform === true;

async function submit(app, event) {
  event.preventDefault();
  if (state.busy) return;
  allow();
  const form = event.target;
  Object.assign(state, { busy: true, error: null });
  app.changed();
  try {
    const operator = await app.call("POST", "/api/operators/login", { json: written(form) });
    app.focusHeading();
    await enter(app, operator);
  } catch (error) {
    state.error = error.status === 401 ? app.t("signin.wrong") : app.problem(error);
    form.elements.password.value = "";
    form.elements.password.focus();
  } finally {
    state.busy = false;
    app.changed();
  }
}

export const unreachable = (app) =>
  h(
    "div",
    { class: "empty", role: "alert" },
    icon("alert", "big"),
    h("h1", { id: "title", tabindex: "-1" }, app.t("app.name")),
    h("p", {}, app.problem(app.state().startError)),
    button({ label: app.t("retry"), act: "retry", icon: "retry", onclick: () => app.askWho() }),
  );
