/** The hand-off to the teller screen, and what can be done there. */
import { attempt, idle } from "./attempt.js";
import { NetworkGone, Problem, request } from "./api.js";

const TRIES = 4;

export function tellerActions(app) {
  const { store } = app;
  const setTeller = (patch) => store.set((state) => ({ teller: state.teller && { ...state.teller, ...patch }, problem: null }));

  async function handOff() {
    await idle(store); // the answer that granted the visit may still be on its way through
    await attempt(app, "handoff", () => app.visit()?.handOver(open), (problem) => (problem.code === "not_in_front" ? { held: "handoff" } : null));
  }

  async function open() {
    const visit = app.visit();
    const { token } = await visit.call("POST", "/handoff", { json: {} });
    const { data } = await insist(() => request("POST", "/api/teller/open", { json: { token } }));
    if (app.visit() !== visit) return;
    visit.becomeTeller(data.tellerToken);
    showTeller(data);
    visit.take(data.session);
  }

  function showTeller({ customer, accounts, quickCash, cash }) {
    store.set({ teller: { page: "menu", customer, accounts, quickCash, cash, account: null, amount: "", receipt: null, service: null } });
  }

  /** After a reload at the teller screen. @throws {Problem | NetworkGone} */
  async function fetchTeller(token) {
    return (await request("GET", "/api/teller", { headers: { "X-Teller-Token": token } })).data;
  }

  async function withdraw(account, amount) {
    const key = crypto.randomUUID(); // one per tap: however often it is sent, the money comes once
    const options = { json: { account, amount, key }, headers: app.visit().headers };
    const send = () => request("POST", "/api/teller/withdrawals", options);
    // Locked: the screen says so by itself as soon as the View does.
    const answer = await attempt(app, "cash", () => insist(send), ({ status }) => (status === 423 ? { problem: null } : null));
    if (!answer || !store.get().teller) return;
    const { receipt } = answer.data;
    const { accounts } = store.get().teller;
    const fresh = accounts.map((one) => (one.id === receipt.account ? { ...one, balance: receipt.balance } : one));
    setTeller({ page: "receipt", receipt, accounts: fresh });
  }

  return {
    handOff,
    showTeller,
    fetchTeller,
    withdraw,
    tellerPage: (page, patch = {}) => setTeller({ page, ...patch }),
    setTeller,
    quickCash: () => {
      const { accounts, quickCash } = store.get().teller;
      return withdraw(cashAccount(accounts).id, quickCash);
    },
  };
}

/** Sends again what may be sent twice, while the server cannot be reached. */
async function insist(send) {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      const worthATry = error instanceof NetworkGone || (error instanceof Problem && error.status === 503);
      if (!worthATry || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * tries));
    }
  }
}

/** A credit card gives no cash at this machine. */
export const cashAccounts = (accounts) => accounts.filter((account) => account.kind !== "credit");

/** Cash comes from the checking account unless another is chosen. */
export const cashAccount = (accounts) => accounts.find((account) => account.kind === "checking") ?? cashAccounts(accounts)[0];

/** Whether this machine pays an amount: within its bounds and in whole notes. @param {{least: string, most: string, step: string}} rule */
export function payable(amount, { least, most, step }) {
  const cents = Math.round(Number(amount) * 100);
  const inCents = (text) => Math.round(Number(text) * 100);
  return cents >= inCents(least) && cents <= inCents(most) && cents % inCents(step) === 0;
}
