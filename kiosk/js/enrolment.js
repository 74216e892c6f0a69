/** Registering on the spot: consent and details, then frames and phrases as the server asks for them. */
import { attempt } from "./attempt.js";
import { wholeNumber } from "./countries.js";

/** Everything the details step needs is there. */
export const detailsComplete = ({ name, phone, adult, consent }, config) =>
  name.trim().length > 0 && phone.number.length >= 4 && consent && (adult || !config.adultsOnly);

export function enrolmentActions(app) {
  const { store } = app;
  return {
    register: () => attempt(app, "register", () => app.visit().call("POST", "/enrolment", { json: {} })),
    setDetails: (patch) => store.set((state) => ({ details: { ...state.details, ...patch }, problem: null })),
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
      return attempt(app, "details", () => app.visit().call("PUT", "/enrolment/details", { json }));
    },
  };
}
