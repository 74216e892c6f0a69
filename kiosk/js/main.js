/** Starts the page. */
import { NetworkGone, Problem, request } from "./api.js";
import { createApp } from "./app.js";
import { load } from "./i18n.js";
import { recall } from "./identity.js";
import { recallVisit } from "./memory.js";
import { mountPage } from "./page.js";
import { takePairingCode } from "./pairing.js";
import { contrastOfDevice } from "./settings.js";

const RETRY_MS = 2000;

async function loadConfig(app) {
  for (;;) {
    try {
      return (await request("GET", "/api/kiosk/config")).data;
    } catch (error) {
      if (!(error instanceof NetworkGone || error instanceof Problem)) throw error;
      app.store.set({ network: "gone" });
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
  const choices = recallVisit()?.choices ?? { language: config.languages[0], contrast: contrastOfDevice() };
  await load(choices.language);
  app.store.set({ config, network: "ok", ...choices });
  app.identity = (await recall()) ?? null;
  if (app.identity) {
    const { key: _, ...kiosk } = app.identity;
    app.store.set({ kiosk });
  }
  if (code) await app.act.pairWith(code);
  if (app.store.get().kiosk === null) app.store.set({ phase: "pair" });
  else if (app.store.get().phase === "boot") (await app.resume()) || (await app.attract(true));
  addEventListener("hashchange", () => {
    const another = takePairingCode();
    if (another && !app.visit()) app.act.pairWith(another);
  });
}

main();
