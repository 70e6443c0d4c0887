import type { Random } from "../../firmware-bridge/simulator/random.ts";
import { bytesOf, type Target, textOf } from "./target.ts";

/* Damage to an input: to its bytes, to the members of its JSON, or to its lines. */

const inputBytesMax = 256 * 1_024;
/** No deeper than a parser of JSON takes without a word: what is refused for its depth is refused by its schema as well. */
const nestedDeep = 2_000;

const oddNumbers = [
  0,
  -1,
  1,
  0.5,
  255,
  256,
  65_535,
  65_536,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  2 ** 53 - 1,
  1e308,
  -1e308,
  5e-324,
];
const oddTexts = [
  "",
  " ",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "../../etc/passwd",
  "+/#",
  "\u0000",
  "\ud800",
  "\u202e",
  "a".repeat(5_000),
  "🛏".repeat(100),
  "'; drop table x; --",
  "<script>",
  "%s%n{{7*7}}",
];

const below = (random: Random, end: number): number => Math.floor(random.uniform() * end);

/** One of a list that is as long as it turned out. @throws RangeError for an empty one */
export function oneOf<T>(random: Random, all: readonly T[]): T {
  const [first, ...rest] = all;
  if (first === undefined && all.length === 0) throw new RangeError("there is nothing to choose from");
  return random.pick([first as T, ...rest]);
}

/** One to three damages, each of a kind that fits the shape. */
export function mutate(
  { shape }: Pick<Target, "shape">,
  bytes: Uint8Array,
  donor: Uint8Array,
  random: Random,
): Uint8Array {
  let now = bytes;
  for (let left = 1 + below(random, 3); left > 0; left--) {
    if (shape === "json" && random.chance(0.7)) now = ofJson(now, donor, random);
    else if (shape === "lines" && random.chance(0.6)) now = ofLines(now, donor, random);
    else now = ofBytes(now, donor, random);
  }
  return now.length > inputBytesMax ? now.slice(0, inputBytesMax) : Uint8Array.from(now);
}

function ofBytes(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const at = below(random, bytes.length + 1);
  const length = Math.floor(random.logBetween(1, 200));
  const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
  switch (random.pick(["flip", "cut", "end", "insert", "splice", "repeat", "number"] as const)) {
    case "flip": {
      const changed = Uint8Array.from(bytes);
      if (at < changed.length) changed[at]! ^= 1 << below(random, 8);
      return changed;
    }
    case "cut":
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case "end":
      return bytes.slice(0, at);
    case "insert":
      return joined(
        bytes.subarray(0, at),
        Uint8Array.from({ length }, () => below(random, 256)),
        bytes.subarray(at),
      );
    case "splice": {
      const from = below(random, donor.length + 1);
      return joined(bytes.subarray(0, at), donor.subarray(from, from + length), bytes.subarray(at));
    }
    case "repeat":
      return joined(bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at));
    case "number": {
      const changed = Uint8Array.from(bytes);
      const view = new DataView(changed.buffer);
      const value = oneOf(random, [...oddNumbers, Number.NaN, Infinity, -Infinity]);
      const little = random.chance(0.8);
      const wide = random.pick([2, 4, 5, 8]);
      if (at + 8 > changed.length) return changed;
      if (wide === 2) view.setUint16(at, value, little);
      else if (wide === 4) view.setUint32(at, value, little);
      else if (wide === 5) view.setFloat32(at, value, little);
      else view.setFloat64(at, value, little);
      return changed;
    }
  }
}

interface Spot {
  readonly held: unknown;
  readonly put: (value: unknown) => void;
  readonly remove: () => void;
}

/** Every value below the root, with what puts another in its place. */
function spotsOf(root: unknown): Spot[] {
  const spots: Spot[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      const holder = value as Record<string, unknown>;
      spots.push({
        held: holder[key],
        put: (other) =>
          Object.defineProperty(holder, key, { value: other, enumerable: true, configurable: true, writable: true }),
        remove: () => (Array.isArray(value) ? value.splice(Number(key), 1) : delete holder[key]),
      });
      walk(holder[key]);
    }
  };
  walk(root);
  return spots;
}

function parsedOr(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return undefined;
  }
}

function ofJson(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const root = parsedOr(bytes);
  const spots = spotsOf(root);
  if (spots.length === 0) return ofBytes(bytes, donor, random);
  const spot = oneOf(random, spots);
  switch (
    random.pick(["number", "text", "kind", "remove", "other", "near", "rename", "twice", "deep", "more"] as const)
  ) {
    case "number":
      spot.put(oneOf(random, oddNumbers));
      break;
    case "text":
      spot.put(oneOf(random, oddTexts));
      break;
    case "kind":
      spot.put(random.pick([null, true, false, [], {}, [spot.held], { value: spot.held }]));
      break;
    case "remove":
      spot.remove();
      break;
    case "other": {
      const others = spotsOf(parsedOr(donor) ?? root);
      if (others.length > 0) spot.put(oneOf(random, others).held);
      break;
    }
    case "near":
      if (typeof spot.held === "number") spot.put(spot.held + random.pick([-1, 1, 0.25, 1_000]));
      else if (typeof spot.held === "boolean") spot.put(!spot.held);
      else if (typeof spot.held === "string") spot.put(`${spot.held}${random.pick(["", "a", "0", "-", " "])}`);
      break;
    case "more":
      if (Array.isArray(spot.held))
        spot.put(Array.from({ length: 300 }, (_, n) => (spot.held as unknown[])[n % 3] ?? n));
      else if (typeof spot.held === "object") spot.put({ ...spot.held, more: 1 });
      break;
    case "deep":
      return bytesOf(
        replacedOnce(
          JSON.stringify(root),
          /:\s*("[^"]*"|\d+)/g,
          `:${"[".repeat(nestedDeep)}${"]".repeat(nestedDeep)}`,
          random,
        ),
      );
    case "rename":
      return bytesOf(
        replacedOnce(JSON.stringify(root), /"[A-Za-z]+":/g, `${JSON.stringify(oneOf(random, oddTexts))}:`, random),
      );
    case "twice":
      return bytesOf(
        replacedOnce(
          JSON.stringify(root),
          /\{/g,
          `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},`,
          random,
        ),
      );
  }
  return bytesOf(JSON.stringify(root) ?? "null");
}

function replacedOnce(text: string, what: RegExp, by: string, random: Random): string {
  const found = [...text.matchAll(what)];
  if (found.length === 0) return text;
  const { index, 0: old } = oneOf(random, found);
  return text.slice(0, index) + by + text.slice(index + old.length);
}

function ofLines(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const lines = textOf(bytes).split("\n");
  const others = textOf(donor).split("\n");
  const at = below(random, lines.length);
  const line = lines[at] ?? "";
  switch (random.pick(["swap", "remove", "twice", "other", "number", "word", "many", "ends"] as const)) {
    case "swap": {
      const with_ = below(random, lines.length);
      lines[at] = lines[with_] ?? "";
      lines[with_] = line;
      break;
    }
    case "remove":
      lines.splice(at, 1);
      break;
    case "twice":
      lines.splice(at, 0, line);
      break;
    case "other":
      lines.splice(at, below(random, 2), oneOf(random, others));
      break;
    case "number":
      lines[at] = line.replace(/\d+/, () => String(oneOf(random, [...oddNumbers, "00", "-0", "9".repeat(40)])));
      break;
    case "word":
      lines[at] = line.replace(/\S+/, () => oneOf(random, oddTexts));
      break;
    case "many":
      lines.splice(at, 0, ...Array.from({ length: 150 }, () => line));
      break;
    case "ends":
      return bytesOf(lines.join(random.pick(["\r\n", "\n\n", "\u2028", "\n "])));
  }
  return bytesOf(lines.join("\n"));
}
