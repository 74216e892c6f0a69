/** Registering on the spot: consent and details, then frames and phrases as the server asks for them. */
import { request } from "./api.js";
import { attempt } from "./attempt.js";
import { wholeNumber } from "./countries.js";

export const NAME_LENGTH = 80;
const SHORTEST_NUMBER = 4;

export const agreed = ({ adult, consent }, config) => consent && (adult || !config.adultsOnly);
export const named = ({ name }) => name.trim().length > 1;

/** Everything the server wants to know is there. */
export const detailsComplete = (form, config) => agreed(form, config) && named(form) && form.phone.number.length >= SHORTEST_NUMBER;

/** Where each refusal is put right. */
const PAGE_OF = { bad_name: "name", adults_only: "consent", consent_changed: "consent" };

export function enrolmentActions(app) {
  const { store } = app;
  const setDetails = (patch) => store.set((state) => ({ details: { ...state.details, ...patch }, problem: null }));

  function refused({ code }) {
    if (!(code in PAGE_OF)) return null;
    if (code === "consent_changed") readAgain();
    return { problem: code, details: { ...store.get().details, page: PAGE_OF[code], consent: code !== "consent_changed" } };
  }

  /** The text of another version is agreed to anew. */
  function readAgain() {
    request("GET", "/api/kiosk/config").then(({ data }) => store.set({ config: data }), () => {}); // the next try asks again
  }

  return {
    register: () => attempt(app, "register", () => app.visit().call("POST", "/enrolment", { json: {} })),
    setDetails,
    submitDetails: () => {
      const { details, config } = store.get();
      if (!detailsComplete(details, config)) {
        store.set({ problem: "details_incomplete" });
        return undefined;
      }
      const json = {
        name: details.name.trim(),
        phone: wholeNumber(details.phone.region, details.phone.number),
        adult: details.adult,
        consentVersion: config.consent.version,
      };
      return attempt(app, "details", () => app.visit().call("PUT", "/enrolment/details", { json }), refused);
    },
  };
}
