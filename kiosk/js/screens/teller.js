import { h } from "../dom.js";
import { cashAccount, cashAccounts, payable } from "../teller.js";
import { keypad } from "./keypad.js";
import { alert, beside, button, buttons, icon, lead, note, problemText, spinner, title } from "./parts.js";

const AMOUNTS = ["20", "40", "60", "100", "200", "300"];
const MAX_AMOUNT_DIGITS = 5;

export function granted(ctx) {
  const { state, t } = ctx;
  const name = state.view.customer?.givenName;
  return [
    icon("check", "giant good"),
    title(name ? t("welcome.name", { name }) : t("welcome.plain")),
    state.held ? lead(t("held")) : spinner(t("granted.opening")),
    alert(problemText(ctx)),
    state.problem && button({ label: t("try_again"), act: "handoff", kind: "primary", onclick: ctx.act.handOff }),
  ];
}

/** Nothing of the account is on the page while the customer is away from it. */
export function locked({ t }) {
  return [icon("lock", "giant"), title(t("locked.title")), lead(t("locked.lead"))];
}

export function teller(ctx) {
  const { state, t, act } = ctx;
  const { customer, accounts, quickCash } = state.teller;
  const hasAccounts = cashAccounts(accounts).length > 0;
  const service = (name, picture) =>
    button({ label: t(`service.${name}`), act: `service-${name}`, kind: "tile", icon: picture, key: name, onclick: () => act.tellerPage("service", { service: name }) });
  const currency = cashAccount(accounts)?.currency ?? "USD";
  return [
    title(t("welcome.name", { name: customer.givenName })),
    accounts.length > 0 ? accountList(ctx, accounts) : note(t("teller.no_accounts")),
    alert(problemText(ctx)),
    h(
      "div",
      { class: "tiles services" },
      hasAccounts &&
        button({
          label: t("service.quick_cash", { amount: ctx.fmt.money(quickCash, currency) }),
          act: "quick-cash",
          kind: "tile primary",
          icon: "bolt",
          key: "quick",
          disabled: state.busy !== null,
          onclick: act.quickCash,
        }),
      hasAccounts && button({ label: t("service.cash"), act: "get-cash", kind: "tile", icon: "cash", key: "cash", onclick: () => act.tellerPage("cash", { account: null, amount: "" }) }),
      service("deposit", "deposit"),
      service("payments", "payments"),
      service("credit_card", "card"),
      button({ label: t("service.settings"), act: "service-settings", kind: "tile", icon: "settings", key: "settings", onclick: act.openAuthenticator }),
      service("other", "more"),
    ),
  ];
}

function accountList({ t, fmt }, accounts) {
  return h(
    "ul",
    { class: "accounts", "aria-label": t("teller.accounts") },
    accounts.map((account) =>
      h(
        "li",
        { class: "account", key: account.id },
        h("span", { class: "account-name" }, account.name, " ", h("small", { dir: "ltr" }, account.number)),
        h("span", { class: "account-balance" }, account.kind === "credit" && h("small", {}, t("teller.owed"), " "), h("bdi", {}, fmt.balance(account.balance, account.currency))),
      ),
    ),
  );
}

/** From which account, and how much: one question at a time. */
export function cash(ctx) {
  const { state, t, act } = ctx;
  const { account, amount, cash: rule } = state.teller;
  const accounts = cashAccounts(state.teller.accounts);
  const back = buttons(button({ label: t("back"), act: "back", kind: "quiet", icon: "back", onclick: () => act.tellerPage("menu") }));
  const chosen = accounts.find((one) => one.id === account) ?? (accounts.length === 1 ? accounts[0] : null);
  if (!chosen) return [title(t("cash.which")), chooseAccount(ctx, accounts), back];
  const take = (value) => act.withdraw(chosen.id, Number(value).toFixed(2));
  const words = [
    title(t("cash.how_much")),
    lead(t("cash.from", { account: chosen.name, balance: ctx.fmt.balance(chosen.balance, chosen.currency) })),
    alert(problemText(ctx)),
    state.busy === "cash" && spinner(t("cash.working")),
    h(
      "div",
      { class: "amounts" },
      AMOUNTS.filter((value) => payable(value, rule)).map((value) =>
        button({ label: ctx.fmt.money(value, chosen.currency), act: `amount-${value}`, key: value, disabled: state.busy !== null, onclick: () => take(value) }),
      ),
    ),
    back,
  ];
  return beside(words, customAmount(ctx, chosen, amount, take));
}

function chooseAccount({ fmt, act }, accounts) {
  return h(
    "div",
    { class: "tiles" },
    accounts.map((one) =>
      button({
        label: one.name,
        hint: `${one.number} · ${fmt.balance(one.balance, one.currency)}`,
        act: `account-${one.id}`,
        key: one.id,
        kind: "tile",
        onclick: () => act.tellerPage("cash", { account: one.id, amount: "" }),
      }),
    ),
  );
}

function customAmount({ state, t, act, fmt }, account, amount, take) {
  const { cash: rule } = state.teller;
  const valid = payable(amount, rule);
  const note = (name) => fmt.money(rule[name], account.currency);
  return h(
    "div",
    { class: "custom-amount" },
    h(
      "label",
      { class: "field" },
      h("span", {}, t("cash.other_amount")),
      h("input", {
        type: "text",
        dir: "ltr",
        inputmode: "none",
        autocomplete: "off",
        "data-field": "keypad",
        "aria-describedby": "cash-rule",
        "aria-invalid": amount !== "" && !valid ? "true" : null,
        value: amount,
        oninput: (event) => act.setTeller({ amount: onlyAmount(event.target.value) }),
        onkeydown: (event) => event.key === "Enter" && valid && state.busy === null && take(amount),
      }),
    ),
    h("p", { class: "small", id: "cash-rule" }, t("cash.rule", { least: note("least"), most: note("most"), step: note("step") })),
    keypad({
      t,
      value: amount,
      onvalue: (value) => act.setTeller({ amount: onlyAmount(value) }),
      submit: {
        label: valid ? t("cash.take", { amount: fmt.money(amount, account.currency) }) : t("cash.enter"),
        act: "take-cash",
        disabled: !valid || state.busy !== null,
        onclick: () => take(amount),
      },
    }),
  );
}

const onlyAmount = (text) => text.normalize("NFKC").replace(/\D/g, "").replace(/^0+/, "").slice(0, MAX_AMOUNT_DIGITS);

export function receipt({ state, t, act, fmt }) {
  const { receipt: paper, accounts } = state.teller;
  const account = accounts.find((one) => one.id === paper.account);
  const line = (label, value) => h("div", { class: "receipt-line" }, h("dt", {}, label), h("dd", {}, h("bdi", {}, value)));
  return [
    icon("check", "giant good"),
    title(t("receipt.title", { amount: fmt.balance(paper.amount, account.currency) })),
    h(
      "dl",
      { class: "receipt" },
      line(t("receipt.account"), `${account.name} ${account.number}`),
      line(t("receipt.balance"), fmt.balance(paper.balance, account.currency)),
      line(t("receipt.at"), fmt.date(paper.at)),
      line(t("receipt.reference"), paper.reference),
    ),
    buttons(
      button({ label: t("receipt.more"), act: "menu", icon: "back", onclick: () => act.tellerPage("menu") }),
      button({ label: t("receipt.finish"), act: "finish", kind: "primary", onclick: act.terminate }),
    ),
  ];
}

export function service({ state, t, act }) {
  return [
    icon("info", "giant"),
    title(t(`service.${state.teller.service}`)),
    lead(t("service.not_offered")),
    buttons(button({ label: t("service.back"), act: "menu", kind: "primary", icon: "back", onclick: () => act.tellerPage("menu") })),
  ];
}
