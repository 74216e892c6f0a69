/** The hand-off to the teller screen, and what can be done there. */
import { attempt } from "./attempt.js";
import { NetworkGone, Problem, request } from "./api.js";

const WITHDRAW_TRIES = 4;

export function tellerActions(app) {
  const { store } = app;
  const setTeller = (patch) => store.set((state) => ({ teller: state.teller && { ...state.teller, ...patch }, problem: null }));

  async function handOff() {
    await attempt(app, "handoff", open, (problem) => (problem.code === "not_in_front" ? { held: "handoff" } : null));
  }

  async function open() {
    const visit = app.visit();
    const { token } = await visit.call("POST", "/handoff", { json: {} });
    const { data } = await request("POST", "/api/teller/open", { json: { token } });
    visit.becomeTeller(data.tellerToken);
    show(data);
  }

  function show(data) {
    const { customer, accounts, quickCash } = data;
    store.set({ teller: { page: "menu", customer, accounts, quickCash, account: null, amount: "", receipt: null, service: null } });
    app.visit().take(data.session);
  }

  /** After a reload at the teller screen. */
  async function reopen() {
    const { data } = await request("GET", "/api/teller", { headers: app.visit().headers });
    show(data);
  }

  async function withdraw(account, amount) {
    const key = crypto.randomUUID(); // one per tap: however often it is sent, the money comes once
    const receipt = await attempt(app, "cash", () => insist(account, amount, key), (problem) => {
      return problem.status === 423 ? { problem: null } : null;
    });
    if (!receipt) return;
    const { accounts } = store.get().teller;
    const fresh = accounts.map((one) => (one.id === receipt.account ? { ...one, balance: receipt.balance } : one));
    setTeller({ page: "receipt", receipt, accounts: fresh });
  }

  async function insist(account, amount, key) {
    const options = { json: { account, amount, key }, headers: app.visit().headers };
    for (let tries = 1; ; tries++) {
      try {
        return (await request("POST", "/api/teller/withdrawals", options)).data.receipt;
      } catch (error) {
        const worthATry = error instanceof NetworkGone || (error instanceof Problem && error.status === 503);
        if (!worthATry || tries === WITHDRAW_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000 * tries));
      }
    }
  }

  return {
    handOff,
    reopen,
    withdraw,
    tellerPage: (page, patch = {}) => setTeller({ page, ...patch }),
    setTeller,
    quickCash: () => {
      const { accounts, quickCash } = store.get().teller;
      return withdraw(cashAccount(accounts).id, quickCash);
    },
  };
}

/** Cash comes from the checking account unless another is chosen. */
export const cashAccount = (accounts) => accounts.find((account) => account.kind === "checking") ?? accounts[0];
