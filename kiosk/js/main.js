/** Starts the page. */
import { NetworkGone, Problem, request } from "./api.js";
import { createApp } from "./app.js";
import { load } from "./i18n.js";
import { recall } from "./identity.js";
import { recallVisit } from "./memory.js";
import { mountPage } from "./page.js";

const RETRY_MS = 2000;

/** The pairing code must not stay in the address bar or the history. */
function takePairingCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("pair");
  if (code) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

async function loadConfig(app) {
  for (;;) {
    try {
      return (await request("GET", "/api/kiosk/config")).data;
    } catch (error) {
      if (!(error instanceof NetworkGone || error instanceof Problem)) throw error;
      if (error instanceof Problem) app.store.set({ network: "gone" });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function main() {
  const code = takePairingCode();
  const app = createApp();
  await load("en");
  mountPage(app);
  const config = await loadConfig(app);
  const language = recallVisit()?.language ?? config.languages[0];
  await load(language);
  app.store.set({ config, language });
  const identity = await recall();
  if (identity) {
    const { key: _, ...kiosk } = app.identity = identity;
    app.store.set({ kiosk });
  }
  if (code) await app.act.pairWith(code);
  if (app.store.get().kiosk === null) app.store.set({ phase: "pair" });
  else if (app.store.get().phase === "boot") (await app.act.resume()) || (await app.act.attract(true));
}

main();
