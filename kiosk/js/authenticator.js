/** An authenticator app instead of the text message: set up, replaced and removed by its owner. */
import { request } from "./api.js";
import { attempt } from "./attempt.js";
import { plainDigits } from "./digits.js";
import { CODE_LENGTH } from "./steps.js";

const closed = { setUp: null, setup: null, code: "", ready: false };

export function authenticatorActions(app) {
  const { store } = app;
  const set = (patch) => store.set((state) => ({ authenticator: { ...closed, ...state.authenticator, ...patch }, problem: null }));

  /** At the teller screen it belongs to the account, while registering to the visit. */
  async function ask(method, rest = "", json = undefined) {
    const visit = app.visit();
    if (!store.get().teller) return visit.call(method, `/authenticator${rest}`, { json: json ?? {} });
    return (await request(method, `/api/teller/authenticator${rest}`, { json, headers: visit.headers })).data;
  }

  function forget() {
    const picture = store.get().authenticator?.setup?.picture;
    if (picture) URL.revokeObjectURL(picture);
  }

  return {
    openAuthenticator: async () => {
      set({ ...closed });
      if (!store.get().teller) return;
      const answer = await attempt(app, "authenticator", () => ask("GET"));
      if (answer && store.get().authenticator) set({ setUp: answer.setUp });
    },
    beginAuthenticator: async () => {
      const setup = await attempt(app, "authenticator", () => ask("POST"));
      if (!setup || !store.get().authenticator) return;
      // The page's policy takes pictures of its own making, and no text as markup.
      const picture = URL.createObjectURL(new Blob([setup.qr], { type: "image/svg+xml" }));
      set({ setup: { secret: setup.secret, picture }, code: "", ready: false });
    },
    setAppCode: (text) => set({ code: plainDigits(text).slice(0, CODE_LENGTH) }),
    confirmAuthenticator: async () => {
      const { code } = store.get().authenticator;
      if (code.length !== CODE_LENGTH) return;
      const answer = await attempt(app, "authenticator", () => ask("POST", "/confirm", { code }));
      if (!answer || !store.get().authenticator) return;
      if (!answer.confirmed) {
        set({ code: "" });
        store.set({ problem: "wrong_app_code" });
        return;
      }
      forget();
      set({ setup: null, code: "", ready: true, setUp: true });
    },
    removeAuthenticator: async () => {
      const removed = await attempt(app, "authenticator", async () => (await ask("DELETE"), true));
      if (removed && store.get().authenticator) set({ setUp: false, ready: false });
    },
    closeAuthenticator: () => {
      forget();
      store.set({ authenticator: null, problem: null });
    },
  };
}
