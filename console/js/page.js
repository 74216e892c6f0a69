/** One view at a time: opened when its path is reached, told when its query changes, closed when it is left. */
import { patchChildren } from "/kiosk/js/dom.js";
import { createResource } from "./resource.js";
import { parse } from "./router.js";
import { shell } from "./shell.js";
import { forbidden, missing, viewFor } from "./views/index.js";

export function mountPages(app) {
  const root = document.getElementById("app");
  let open = null;
  let focusDue = false;

  function draw() {
    const state = app.state();
    const wanted = `${state.operator?.name ?? ""} ${state.route.path}`;
    if (state.operator && open?.wanted !== wanted) {
      open?.close();
      open = opened(app, state.route, wanted);
    } else if (!state.operator) {
      open?.close();
      open = null;
    }
    const shown = open?.view.render() ?? null;
    const held = document.activeElement;
    patchChildren(root, shell(app, shown));
    const title = shown?.title ?? app.t("signin.title");
    document.title = `${title} – ${app.t("app.name")}`;
    if (focusDue) focusHeading();
    else if (held && !held.isConnected) document.getElementById("title")?.focus({ preventScroll: true }); // its element is gone
  }

  function focusHeading() {
    focusDue = false;
    if (open?.view.focus?.()) return;
    scrollTo(0, 0);
    document.getElementById("title")?.focus({ preventScroll: true });
  }

  function routeChanged() {
    const before = app.state().route;
    const route = parse(location.hash);
    app.store.set({ route, menu: false });
    if (before.path !== route.path) focusDue = true;
    else open?.moved(route.query);
  }

  addEventListener("hashchange", routeChanged);
  app.store.subscribe(draw);
  app.drawNow = draw;
  app.focusHeading = () => {
    focusDue = true;
  };
  draw();
}

function opened(app, route, wanted) {
  const closing = new AbortController();
  const { make, params, needs } = viewFor(route);
  const page = {
    app,
    t: app.t,
    params,
    query: route.query,
    signal: closing.signal,
    changed: () => closing.signal.aborted || app.changed(),
    resource: (load) => createResource(page.changed, load),
    every: (ms, act) => every(ms, act, closing.signal),
    // Not through `listen`: an abort removes what listens by its signal before it tells anybody.
    onClose: (act) => closing.signal.addEventListener("abort", act),
    listen: (target, type, act, options) => target.addEventListener(type, act, { ...options, signal: closing.signal }),
  };
  const view = !make ? missing(page) : app.may(needs) ? make(page) : forbidden(page);
  const moved = (query) => {
    page.query = query;
    view.moved?.(query);
  };
  return { view, wanted, moved, close: () => closing.abort() };
}

/** Again and again, each time after the last one is done; not while nobody sees the page. */
function every(ms, act, signal) {
  const next = () => {
    if (signal.aborted) return;
    setTimeout(async () => {
      if (signal.aborted) return;
      if (!document.hidden) await act();
      next();
    }, ms);
  };
  next();
}
