/** A list that is read page by page: the same states as a resource, and `more()`. */

/**
 * @param {() => void} changed
 * @param {(cursor: string | null) => Promise<{items: any[], cursor: string | null}>} load
 */
export function createPaged(changed, load) {
  let turn = 0;
  const self = { state: "loading", items: [], cursor: null, error: null, busy: false, reload, more };

  async function reload() {
    const mine = ++turn;
    Object.assign(self, { state: "loading", items: [], cursor: null, error: null, busy: false });
    changed();
    await read(mine, null);
  }

  async function more() {
    if (self.busy || !self.cursor) return;
    await read(turn, self.cursor);
  }

  async function read(mine, cursor) {
    self.busy = true;
    changed();
    try {
      const page = await load(cursor);
      if (mine !== turn) return;
      Object.assign(self, { state: "ready", items: [...self.items, ...page.items], cursor: page.cursor, error: null });
    } catch (error) {
      if (mine !== turn) return;
      Object.assign(self, { state: self.items.length ? "ready" : "failed", error });
    }
    self.busy = false;
    changed();
  }

  return self;
}
