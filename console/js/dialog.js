/** One question at a time, in the browser's own modal dialog: it keeps the focus, Escape closes it, and the opener gets the focus back. */
import { h } from "/kiosk/js/dom.js";
import { choice, field, written } from "./fields.js";
import { alert, button } from "./parts.js";

/**
 * `app.ask({title, text?, content?, fields?, confirm, danger?, submit(values)})`: `submit` may throw a Problem, which is shown in
 * the dialog and nothing typed is lost.
 */
export function dialogShown(app) {
  const { dialog } = app.state();
  const { title, text, content, fields = [], confirm, danger = false, busy, error } = dialog;
  return h(
    "dialog",
    { key: "dialog", class: "dialog", "aria-labelledby": "dialog-title", mount: opened, oncancel: (event) => cancelled(app, event) },
    h(
      "form",
      { novalidate: false, onsubmit: (event) => submitted(app, event) },
      h("h2", { id: "dialog-title" }, title),
      text && h("p", {}, text),
      content,
      fields.map((one) => (one.type === "choice" ? choice(one) : field(one))),
      alert(error),
      h(
        "div",
        { class: "dialog-buttons" },
        button({ label: app.t(confirm ? "cancel" : "close"), act: "dialog-cancel", onclick: () => close(app) }),
        confirm &&
          h(
            "button",
            {
              type: "submit",
              class: `button ${danger ? "danger" : "primary"}`,
              "data-act": "dialog-confirm",
              "aria-disabled": busy ? "true" : null,
            },
            h("span", {}, busy ? app.t("working") : confirm),
          ),
      ),
    ),
  );
}

const opened = (element) => {
  element.showModal();
  element.querySelector("textarea, input, select")?.focus();
};

function cancelled(app, event) {
  event.preventDefault();
  close(app);
}

function close(app) {
  const { opener } = app.state().dialog;
  document.querySelector("dialog[open]")?.close();
  app.store.set({ dialog: null });
  app.drawNow();
  if (opener?.isConnected) opener.focus();
  else document.getElementById("title")?.focus({ preventScroll: true });
}

async function submitted(app, event) {
  event.preventDefault();
  const { dialog } = app.state();
  if (dialog.busy) return;
  const values = written(event.target);
  change(app, { busy: true, error: null });
  try {
    await dialog.submit(values);
    if (app.state().dialog) close(app);
  } catch (error) {
    if (error.status === undefined && error.name !== "Error") throw error;
    change(app, { busy: false, error: app.problem(error) });
  }
}

function change(app, patch) {
  const { dialog } = app.state();
  if (dialog) app.store.set({ dialog: { ...dialog, ...patch } });
}
