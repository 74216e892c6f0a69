/** What can be typed into a name without a keyboard: rows of letters by layer. Pure. */

const LATIN = ["qwertyuiop", "asdfghjkl'", "zxcvbnm-."];

/** Letters of names from all over the Latin-writing world. */
const ACCENTS = ["áàâäãåæçćč", "éèêëęíìîïı", "ñńóòôöõøœß", "úùûüýšśžżł"];

const KANA = ["アイウエオカキクケコ", "サシスセソタチツテト", "ナニヌネノハヒフヘホ", "マミムメモヤユヨワン", "ラリルレロ゛゜小ーヲ"];

const ARABIC = ["ضصثقفغعهخحجد", "شسيبلاتنمكطذ", "ئءؤرىةوزظأإآ"];

const LAYERS = { latin: LATIN, accents: ACCENTS, kana: KANA, arabic: ARABIC };

/** How a layer is called on the key that leads to it. */
export const LAYER_NAMES = { latin: "ABC", accents: "ÁÇÑ", kana: "アイウ", arabic: "أبت" };

/** The language's own script first; names in Latin letters are typed everywhere. */
export function layersFor(language) {
  const own = { ja: ["kana"], ar: ["arabic"] }[language] ?? [];
  return [...own, "latin", "accents"];
}

/** @returns {string[][]} rows of letters as they will be typed after `text` */
export function rowsOf(layer, text) {
  const capital = /(^|[\s\-'.])$/u.test(text);
  return LAYERS[layer].map((row) => [...row].map((letter) => (capital ? capitalOf(letter) : letter)));
}

/** One capital: ß and ı have none that is a single letter of their own. */
const capitalOf = (letter) => {
  const upper = letter.toUpperCase();
  return upper.length === 1 && upper.toLowerCase() === letter ? upper : letter;
};

const MARKS = { "゛": "\u3099", "゜": "\u309a" };
const SMALL = Object.fromEntries([..."アイウエオツヤユヨワ"].map((kana, i) => [kana, [..."ァィゥェォッャュョヮ"][i]]));

/** The text after a key: marks and 小 change the kana before them, or nothing if it has no such form. */
export function typed(text, letter) {
  if (letter in MARKS) {
    const marked = (text + MARKS[letter]).normalize("NFC");
    return marked.length === text.length ? marked : text;
  }
  if (letter === "小") return text.slice(0, -1) + (SMALL[text.at(-1)] ?? text.slice(-1));
  return text + letter;
}
