/** How every request that a customer's touch starts is made: one at a time, and each refusal has its place on the screen. */
import { NetworkGone, Problem } from "./api.js";

/**
 * @param {object} app {store, over}
 * @param {string} name shown as busy while it runs
 * @param {() => Promise<any>} work
 * @param {(error: Problem) => object | null} refused a change of state for this problem, null for the usual one
 * @returns {Promise<any>} the result, or undefined after a refusal
 */
export async function attempt(app, name, work, refused = () => null) {
  if (app.store.get().busy) return undefined;
  app.store.set({ busy: name, problem: null });
  try {
    return await work();
  } catch (error) {
    app.store.set(consequence(app, error, refused));
    return undefined;
  } finally {
    app.store.set({ busy: null });
  }
}

/** Resolves when no request of the customer's is under way: for steps that the page takes by itself. */
export function idle(store) {
  if (!store.get().busy) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = store.subscribe((state) => {
      if (state.busy) return;
      stop();
      resolve();
    });
  });
}

/** Codes whose sentence is another one's; null says nothing, because the next View shows how things are. */
const SAME = { lost_race: "busy", clip_too_long: "too_large", already_extended: null, already_filled_in: null, locked: null };

function consequence(app, error, refused) {
  if (error instanceof NetworkGone) return { problem: "network" };
  if (!(error instanceof Problem)) throw error;
  const own = refused(error);
  if (own) return own;
  if (error.status === 401 || error.status === 410) app.over();
  if (error.status === 503) return { problem: "busy" };
  return { problem: error.code in SAME ? SAME[error.code] : error.code };
}
