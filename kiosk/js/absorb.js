/** What a new View changes in the page's own state. Pure. */
import { visitState } from "./state.js";

/** Handing over is one step for the customer: what went wrong in it stays on the screen when the server has moved on. */
const placeOf = (state) => (state === "handed_off" ? "granted" : state);
const stepOf = (view) => (view ? `${placeOf(view.state)}/${view.enrolment?.step ?? ""}` : null);
const phraseOf = (view) => view?.voice?.attempt ?? null;

/**
 * @param {object} state before
 * @param {object} view the new one
 * @param {number} at the server's time in milliseconds
 * @returns {{patch: object, moved: boolean, newPhrase: boolean}} `moved`: the customer is at another step
 */
export function absorb(state, view, at) {
  const moved = stepOf(state.view) !== stepOf(view);
  const judged = Boolean(state.view?.voice?.checking) && view.voice?.checking === false;
  const newPhrase = state.view !== null && (judged || phraseOf(state.view) !== phraseOf(view));
  const patch = { view };
  if (moved) Object.assign(patch, { since: at, problem: null, code: "", codeBy: "message", authenticator: null, held: null, claiming: false, dialog: null });
  // A new attempt has a new phrase: whatever was recorded or said about the last one is void.
  if (moved || newPhrase) Object.assign(patch, { held: null, voice: { ...visitState().voice, problem: view.voice?.problem ?? null } });
  return { patch, moved, newPhrase };
}
