/** Notices that the server cannot be reached, and that it can again. */
import { request } from "./api.js";

const GONE_AFTER = 2; // failures in a row
const PROBE_MS = 3000;

/** @returns {(reached: boolean) => void} to be told after every request */
export function networkWatch(app) {
  const { store } = app;
  let failures = 0;
  let probing = null;

  function gone() {
    if (store.get().network !== "gone") store.set({ network: "gone" });
    probing ??= setInterval(() => request("GET", "/api/kiosk/config").catch(() => {}), PROBE_MS);
  }

  function back() {
    failures = 0;
    clearInterval(probing);
    probing = null;
    if (store.get().network === "ok") return;
    store.set({ network: "ok" });
    app.visit()?.poller.now();
  }

  addEventListener("offline", gone);
  addEventListener("online", () => request("GET", "/api/kiosk/config").catch(() => {}));
  return (reached) => {
    if (reached) back();
    else if (++failures >= GONE_AFTER) gone();
  };
}
