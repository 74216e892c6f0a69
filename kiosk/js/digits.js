/** What people type and paste, as plain digits: full-width, Arabic-Indic and Persian digits included. */
export function plainDigits(text) {
  return [...text.normalize("NFKC")].map(asLatin).join("").replace(/\D/g, "");
}

/** The same, keeping a leading plus. */
export function plainPhone(text) {
  const trimmed = text.normalize("NFKC").trim();
  return (trimmed.startsWith("+") ? "+" : "") + plainDigits(trimmed);
}

function asLatin(letter) {
  const code = letter.codePointAt(0);
  if (code >= 0x660 && code <= 0x669) return String(code - 0x660);
  if (code >= 0x6f0 && code <= 0x6f9) return String(code - 0x6f0);
  return letter;
}
