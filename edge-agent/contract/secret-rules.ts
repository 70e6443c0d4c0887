/*
 * What may be a password or a PIN, after the NCSC's advice: length instead of odd characters, and nothing that is tried first.
 */

export const passwordCharsMin = 12;
export const pinDigits = 6;
const shortestWord = 3;

/** Parts of passwords that are tried first, on a ward too. Compared without case, digits and spaces. */
const triedFirst: readonly string[] = [
  "password",
  "passwort",
  "letmein",
  "welcome",
  "qwerty",
  "asdfgh",
  "iloveyou",
  "administrator",
  "changeme",
  "quietround",
  "nightshift",
  "nurse",
  "hospital",
  "ward",
  "staff",
  "summer",
  "winter",
  "spring",
  "autumn",
  "monday",
  "football",
  "liverpool",
  "arsenal",
  "chelsea",
  "dragon",
  "monkey",
  "sunshine",
  "princess",
];

interface Whose {
  readonly name: string;
  readonly badge: string;
}

/** The same characters however a keyboard composed them. */
export const secretText = (typed: string): string => typed.normalize("NFKC");

/** What is wrong with it, in words for the person who chose it; null where it may be used. */
export function passwordFault(typed: string, { name, badge }: Whose): string | null {
  const password = secretText(typed);
  const words = password.split(/[\s-]+/).filter((word) => word.length >= shortestWord);
  const threeWords = new Set(words.map((word) => word.toLowerCase())).size >= 3;
  if ([...password].length < passwordCharsMin && !threeWords)
    return `Choose a longer password: at least ${passwordCharsMin} characters, or three words that do not belong together.`;
  const bare = password.toLowerCase().replaceAll(/[\s-]/g, "");
  if (new Set(bare).size < 5 || isRun(bare))
    return "This is too easy to guess. Three words that do not belong together are good.";
  const own = [badge.toLowerCase().replaceAll("-", ""), ...name.toLowerCase().split(/\s+/)].filter(
    (part) => part.length >= shortestWord,
  );
  // What is left once the well-known parts are gone has to carry it.
  const left = [...triedFirst, ...own].reduce((text, part) => text.replaceAll(part, ""), bare).replaceAll(/\d/g, "");
  return left.length >= 6
    ? null
    : "This is one of the first that is tried: a well-known word, your name or your badge number. Choose another.";
}

export function pinFault(pin: string, { badge }: Pick<Whose, "badge">): string | null {
  if (!new RegExp(`^[0-9]{${pinDigits}}$`).test(pin)) return `The PIN is ${pinDigits} digits.`;
  const easy = new Set(pin).size < 3 || isRun(pin) || pin.slice(0, 3) === pin.slice(3) || badge.includes(pin);
  return easy ? "This PIN is too easy to guess. Choose another." : null;
}

/** 123456, fedcba: each character the next one, or the one before. */
function isRun(text: string): boolean {
  const steps = new Set([...text].slice(1).map((char, index) => char.charCodeAt(0) - text.charCodeAt(index)));
  return steps.size === 1 && [1, -1, 0].includes([...steps][0] ?? 9);
}
