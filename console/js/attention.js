/** Asks every few seconds what needs somebody's attention, whatever view is open, and rings for a new call. */
import { ring } from "./sound.js";

const EVERY_MS = 4000;

export function watchAttention(app) {
  const heard = new Set();

  async function look() {
    if (app.may("attention_list")) await refreshAttention(app);
    const { items } = app.state().attention;
    const calls = (items ?? []).filter((item) => item.kind === "assistance" && !item.acknowledged);
    const fresh = calls.filter((item) => !heard.has(item.id));
    for (const item of fresh) heard.add(item.id);
    if (fresh.length > 0) {
      ring();
      app.say(app.t("attention.new_call", { kiosk: fresh[0].kiosk ?? "" }), "warm");
    }
    setTimeout(look, EVERY_MS);
  }
  app.store.subscribe(() => {
    if (app.state().operator && app.state().attention.items === null && !app.state().attention.asked) refreshAttention(app);
  });
  setTimeout(look, 500);
}

/** Reads the list again; what was there stays when the server cannot be reached. */
export async function refreshAttention(app) {
  if (!app.may("attention_list")) return;
  app.store.set({ attention: { ...app.state().attention, asked: true } });
  try {
    const { items, counts } = await app.call("GET", "/api/attention?open=true&limit=200");
    app.store.set({ attention: { items, counts, error: null, asked: true } });
  } catch (error) {
    if (app.state().operator) app.store.set({ attention: { ...app.state().attention, error } });
  }
}
