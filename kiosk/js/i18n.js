/** Words, numbers, money and dates in the customer's language. */
export const OWN_NAMES = { en: "English", es: "Español", ja: "日本語", ar: "العربية" };
const RIGHT_TO_LEFT = new Set(["ar"]);
const catalogues = new Map();

export const direction = (language) => (RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr");

/** @param {string} folder where the page keeps its catalogues */
export async function load(language, folder = "/kiosk/i18n") {
  if (catalogues.has(language)) return;
  const response = await fetch(`${folder}/${language}.json`, { signal: AbortSignal.timeout(8000) });
  if (!response.ok) throw new Error(`no catalogue for ${language}`);
  catalogues.set(language, await response.json());
}

export const loaded = (language) => catalogues.has(language);

/** The device's language if this kiosk offers it, else the first offered. */
export function preferred(offered, wanted = navigator.languages) {
  const short = wanted.map((tag) => tag.split("-")[0]);
  return short.find((language) => offered.includes(language)) ?? offered[0];
}

/** @returns {(key: string, params?: object) => string} `count` in params chooses a plural form */
export function translator(language) {
  const words = catalogues.get(language) ?? {};
  const plural = new Intl.PluralRules(language);
  return (key, params = {}) => {
    const entry = words[key] ?? key;
    const text = typeof entry === "string" ? entry : (entry[plural.select(params.count)] ?? entry.other);
    return text.replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
  };
}

/** Latin digits in every language: they must look like those on the keypad, the telephone and the banknotes. */
const locale = (language) => `${language}-u-nu-latn`;

const money = { style: "currency", currencyDisplay: "narrowSymbol" };

/** As one left-to-right piece, so that "US$" and its number stay together inside Arabic. */
const isolated = (text) => (/[\u200e\u200f]/.test(text) ? `\u2066${text.replace(/[\u200e\u200f]/g, "")}\u2069` : text);

export function formats(language, timeZone) {
  const date = new Intl.DateTimeFormat(locale(language), { dateStyle: "medium", timeStyle: "short", timeZone });
  const percent = new Intl.NumberFormat(locale(language), { style: "percent", maximumFractionDigits: 0 });
  return {
    money(amount, currency) {
      const digits = Number.isInteger(Number(amount)) ? { minimumFractionDigits: 0 } : {};
      return isolated(new Intl.NumberFormat(locale(language), { ...money, currency, ...digits }).format(amount));
    },
    balance: (amount, currency) => isolated(new Intl.NumberFormat(locale(language), { ...money, currency }).format(amount)),
    languageName: (code) => new Intl.DisplayNames(language, { type: "language" }).of(code),
    date: (iso) => date.format(new Date(iso)),
    percent: (share) => percent.format(share),
    /** "2:41"; minutes and seconds are read the same way in every language offered */
    clock(ms) {
      const seconds = Math.ceil(ms / 1000);
      return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    },
  };
}
