/** Keeps `state.hint` the one stable hint, from the server's guidance and from a look at the picture itself. */
import { holdHint, wantedHint } from "./hints.js";
import { meanLuma } from "./presence.js";

const LOOK_MS = 200;
const COVERED_LUMA = 14; // of 255: a lens under a thumb; a dim room is well above
const COVERED_LOOKS = 5; // a second

export function watchHints(app) {
  const { store, camera } = app;
  let shown = { hint: null, since: 0 };
  let dark = 0;
  setInterval(() => {
    const state = store.get();
    if (state.phase !== "visit") {
      dark = 0;
      shown = { hint: null, since: 0 };
      return;
    }
    const glance = camera.glance();
    dark = glance && meanLuma(glance.luma) < COVERED_LUMA ? dark + 1 : 0;
    shown = holdHint(shown, wantedHint(state.view, dark >= COVERED_LOOKS), performance.now());
    if (shown.hint !== state.hint) store.set({ hint: shown.hint });
  }, LOOK_MS);
}
