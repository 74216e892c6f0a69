/** What a customer can do between the camera and the teller screen. */
import { attempt } from "./attempt.js";
import { callingCode, wholeNumber } from "./countries.js";
import { plainDigits, plainPhone } from "./digits.js";

export const CODE_LENGTH = 6;
const PHONE_LENGTH = 15; // E.164
const EMPTIES = new Set(["pin_expired", "bad_code", "code_used"]); // refusals after which the same digits are of no use

export function stepActions(app) {
  const { store } = app;
  const post = (rest, json = {}) => app.visit().call("POST", rest, { json });
  const simple = (name, rest) => () => attempt(app, name, () => post(rest));

  async function submitCode() {
    const { code, codeBy } = store.get();
    if (code.length !== CODE_LENGTH) return;
    await attempt(app, "pin", () => sendCode(code, codeBy), (problem) => {
      if (problem.code === "not_in_front") return { held: "pin" };
      return EMPTIES.has(problem.code) ? { problem: problem.code, code: "" } : null;
    });
  }

  async function sendCode(code, by) {
    const { accepted } = await post("/pin", by === "app" ? { code, by } : { code });
    store.set(accepted ? { code: "", held: null } : { code: "", held: null, problem: "wrong_code" });
  }

  return {
    retry: () => {
      store.set({ claiming: false });
      return attempt(app, "retry", () => post("/retry"));
    },
    assistance: async () => {
      store.set({ dialog: null });
      await attempt(app, "assistance", () => post("/assistance"), (problem) => {
        return problem.status === 409 ? { problem: "assistance_by_phone", dialog: "help" } : null;
      });
    },
    moreTime: simple("more-time", "/more-time"),
    openClaim: () => store.set({ claiming: true, problem: null }),
    closeClaim: () => store.set({ claiming: false, problem: null }),
    setPhone(patch, field = "phone") {
      store.set((state) => withPhone(state, field, patch));
    },
    submitClaim: () => {
      const { region, number } = store.get().phone;
      if (number.length < 4) return undefined;
      return attempt(app, "claim", () => post("/claim", { phone: wholeNumber(region, number) }));
    },
    sendCode: simple("send", "/pin/send"),
    resend: async () => {
      const done = await attempt(app, "resend", () => post("/pin/resend"));
      if (done) store.set({ code: "", held: null });
    },
    setCode: (text) => store.set({ code: plainDigits(text).slice(0, CODE_LENGTH), held: null, problem: null }),
    setCodeBy: (codeBy) => store.set({ codeBy, code: "", held: null, problem: null }),
    submitCode,
  };
}

function withPhone(state, field, { region, number }) {
  const inside = field === "details" ? state.details.phone : state.phone;
  const typed = number === undefined ? inside.number : plainPhone(number).slice(0, PHONE_LENGTH + 1);
  const phone = { region: region in callingCode ? region : inside.region, number: typed };
  return field === "details" ? { details: { ...state.details, phone }, problem: null } : { phone, problem: null };
}
