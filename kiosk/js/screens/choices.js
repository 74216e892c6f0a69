import { h } from "../dom.js";
import { alert, beside, button, buttons, lead, problemText, title } from "./parts.js";
import { phoneField } from "./fields.js";
import { keypad } from "./keypad.js";

/** We do not know who this is, and will not guess: four ways on, none of them a dead end. */
export function choices(ctx) {
  const { state, t, act } = ctx;
  const { options = [] } = state.view;
  const kind = state.view.state;
  const ways = {
    retry: { act: "retry", icon: "retry", onclick: act.retry, kind: "tile primary" },
    claim: { act: "claim", icon: "phone", onclick: act.openClaim, kind: "tile" },
    register: { act: "register", icon: "person-add", onclick: act.register, kind: "tile" },
    assistance: { act: "assistance", icon: "staff", onclick: act.assistance, kind: "tile" },
  };
  return [
    title(t(`choices.${kind}`)),
    lead(t(`choices.${kind}_lead`)),
    alert(problemText(ctx)),
    h(
      "div",
      { class: "tiles two" },
      Object.entries(ways)
        .filter(([name]) => options.includes(name))
        .map(([name, way]) => button({ ...way, key: name, label: t(`way.${name}`), hint: t(`way.${name}_hint`), disabled: state.busy !== null })),
    ),
  ];
}

/** "I am already a customer": the registered number, then the face again. Same words and times for any number. */
export function claim(ctx) {
  const { state, t, act } = ctx;
  const { phone } = state;
  const words = [
    title(t("claim.title")),
    lead(t("claim.lead")),
    phoneField({ t, language: state.language, phone, onphone: act.setPhone, onenter: act.submitClaim }),
    alert(problemText(ctx)),
    buttons(button({ label: t("back"), act: "back", kind: "quiet", icon: "back", onclick: act.closeClaim })),
  ];
  const pad = keypad({
    t,
    value: phone.number,
    onvalue: (number) => act.setPhone({ number }),
    extra: "+",
    submit: { label: t("claim.go"), act: "submit-claim", onclick: act.submitClaim, disabled: phone.number.length < 4 || state.busy !== null },
  });
  return beside(words, pad);
}
