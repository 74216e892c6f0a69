/** Something that is fetched: loading, ready or failed. An answer to an older question is dropped. */

/**
 * @param {() => void} changed
 * @param {() => Promise<any>} load
 */
export function createResource(changed, load) {
  let turn = 0;
  const self = { state: "loading", data: null, error: null, reload, set };

  /** `quiet`: what is shown stays until the new answer is here, and after a failure too. */
  async function reload({ quiet = false } = {}) {
    const mine = ++turn;
    if (!quiet) Object.assign(self, { state: "loading", data: null, error: null });
    changed();
    try {
      const data = await load();
      if (mine !== turn) return;
      Object.assign(self, { state: "ready", data, error: null });
    } catch (error) {
      if (mine !== turn) return;
      Object.assign(self, { state: quiet && self.data ? "ready" : "failed", error });
    }
    changed();
  }

  /** What an act's answer said is what is so now. */
  function set(data) {
    turn++;
    Object.assign(self, { state: "ready", data, error: null });
    changed();
  }

  return self;
}
