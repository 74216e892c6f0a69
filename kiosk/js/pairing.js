/** Makes this device a kiosk. */
import { Problem } from "./api.js";
import { pair } from "./identity.js";

/** The one-time code in the address, if any; it must not stay in the address bar or the history. */
export function takePairingCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("pair");
  if (code) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

function pairingProblem(error) {
  if (!(error instanceof Problem)) return "network";
  return ["not_allowed", "bad_code"].includes(error.code) ? "bad_pairing_code" : error.code;
}

export function pairingActions(app) {
  const { store } = app;
  const setPairing = (patch) => store.set((state) => ({ pairing: { ...state.pairing, ...patch } }));

  async function pairWith(code) {
    setPairing({ busy: true, problem: null });
    try {
      if (!isSecureContext) throw new Problem(0, "insecure", "", null);
      const { key: _, ...kiosk } = (app.identity = await pair(code.trim()));
      store.set({ kiosk, pairing: { code: "", busy: false, problem: null } });
      await app.attract(true);
    } catch (error) {
      setPairing({ busy: false, problem: pairingProblem(error) });
    }
  }

  return {
    pairWith,
    pair: () => pairWith(store.get().pairing.code),
    setPairing: (code) => setPairing({ code, problem: null }),
    /** The server does not take this kiosk's word. The key is kept: a reload tries it again. */
    askForPairing(problem) {
      app.camera.close();
      store.set({ phase: "pair", kiosk: null, pairing: { code: "", busy: false, problem } });
    },
  };
}
