import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/*
 * Made-up names and words that are planted wherever a ward takes words, and a search for them in whatever it leaves: as they are,
 * and in the forms in which something else carries them on.
 */

export class Canaries {
  private readonly made: string[] = [];

  /** No two alike; with a space, a letter beyond ASCII and a sign that URLs and JSON write in another way. */
  word(): string {
    const word = `Zephÿr${this.made.length} Qüill/${(this.made.length * 7_919 + 104_729).toString(36)}&Vex`;
    this.made.push(word);
    return word;
  }

  /** Like an NHS number (ten digits), or a badge. */
  number(): string {
    const number = `94347${String(65_000 + this.made.length).padStart(5, "0")}`;
    this.made.push(number);
    return number;
  }

  get all(): readonly string[] {
    return this.made;
  }
}

export interface Found {
  readonly canary: string;
  readonly form: string;
  readonly where: string;
}

/** Every form of every canary in these bytes. */
export function findIn(canaries: readonly string[], where: string, bytes: Buffer): Found[] {
  return canaries.flatMap((canary) =>
    Object.entries(formsOf(canary)).flatMap(([form, texts]) =>
      texts.some((text) => bytes.includes(text)) ? [{ canary, form, where }] : [],
    ),
  );
}

/** Contents and names of all files in a folder and below it. */
export function findInFolder(canaries: readonly string[], folder: string): Found[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const path = join(folder, name);
    const named = findIn(canaries, `the name ${name}`, Buffer.from(name));
    // A file may go while it is looked at: a write-ahead log, a lock.
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() === true ? [...named, ...findIn(canaries, name, readFileSync(path))] : named;
  });
}

export function formsOf(canary: string): Readonly<Record<string, readonly Buffer[]>> {
  const bytes = Buffer.from(canary);
  // Where the word begins at another place of three bytes it is other letters; those at the ends depend on what is beside it.
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    return text.slice(shift === 0 ? 0 : 4, text.length - 4);
  });
  const forms: Readonly<Record<string, readonly (string | Buffer)[]>> = {
    plain: [canary, canary.toUpperCase()],
    "as bytes of UTF-16": [Buffer.from(canary, "utf16le")],
    "URL-encoded": [encodeURIComponent(canary), new URLSearchParams({ a: canary }).toString().slice(2)],
    "escaped in JSON": [escaped(canary)],
    hexadecimal: [bytes.toString("hex")],
    base64: base64.flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")]),
  };
  return Object.fromEntries(
    Object.entries(forms).map(([form, texts]) => [form, texts.map((text) => Buffer.from(text as string))]),
  );
}

const escaped = (text: string): string =>
  [...text].map((sign) => (sign < "\x7f" ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)).join("");
