/**
 * The one place that holds what the page knows. Listeners run once per task, however many changes were made in it.
 */
export function createStore(initial) {
  let state = initial;
  let scheduled = false;
  const listeners = new Set();

  function notify() {
    scheduled = false;
    for (const listener of listeners) listener(state);
  }

  return {
    get: () => state,
    /** @param {object | ((state: object) => object)} change a patch, or a function from the state to a patch */
    set(change) {
      const patch = typeof change === "function" ? change(state) : change;
      state = { ...state, ...patch };
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(notify);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
