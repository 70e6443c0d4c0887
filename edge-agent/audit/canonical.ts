/*
 * Canonical JSON, RFC 8785 (JCS): one value has exactly one run of bytes, so that a hash or a signature speaks of the
 * value.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The value has no canonical form. Raised for our own values (a bug); a parser of strange ones catches it. */
export class NotCanonical extends Error {
  readonly path: string;
  constructor(path: string, what: string) {
    super(`no canonical JSON at ${path === "" ? "the top" : path}: ${what}`);
    this.name = "NotCanonical";
    this.path = path;
  }
}

const depthMax = 64;

/**
 * The RFC 8785 text of a JSON value: no white space, keys in the order of their UTF-16 code units, numbers as
 * ECMAScript prints them. Takes `unknown` because types do not keep out NaN or a lone surrogate. Throws NotCanonical
 * for whatever JSON cannot say: undefined (also as a member), NaN, infinities, bigint, functions, symbols, holes,
 * objects with a class of their own, lone surrogates (RFC 8785 3.2.2.2), and nesting past 64.
 */
export function canonical(value: unknown): string {
  return write(value, "", 0);
}

/** The bytes that are hashed and signed: UTF-8 of the canonical text. */
export const canonicalBytes = (value: unknown): Uint8Array => new TextEncoder().encode(canonical(value));

/**
 * Whether `text` is the canonical text of what JSON.parse made of it. Never throws. The short way answers yes only: where the
 * engine's own JSON text is the same, its numbers, strings and white space are those of RFC 8785 (which defines them by
 * ECMAScript's), a member that stood twice would be missing, and only the order of keys and lone surrogates, which it
 * escapes, are left to look at.
 */
export function isCanonicalOf(value: unknown, text: string): boolean {
  if (!text.includes("\\ud") && JSON.stringify(value) === text && hasOrderedKeys(value, 0)) return true;
  try {
    return canonical(value) === text;
  } catch {
    // Nested too deeply, or a lone surrogate written as an escape.
    return false;
  }
}

function hasOrderedKeys(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return depth <= depthMax;
  if (depth >= depthMax) return false;
  if (Array.isArray(value)) return value.every((one) => hasOrderedKeys(one, depth + 1));
  let before: string | undefined;
  for (const key of Object.keys(value)) {
    if (before !== undefined && before > key) return false;
    if (!hasOrderedKeys(Reflect.get(value, key), depth + 1)) return false;
    before = key;
  }
  return true;
}

function write(value: unknown, path: string, depth: number): string {
  if (depth > depthMax) throw new NotCanonical(path, `nested deeper than ${depthMax}`);
  switch (typeof value) {
    case "string":
      return quoted(value, path);
    case "number":
      // RFC 8785 3.2.2.3: Number::toString, which also makes -0 a plain 0.
      if (!Number.isFinite(value)) throw new NotCanonical(path, String(value));
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? list(value, path, depth) : members(value, path, depth);
    case "undefined":
    case "bigint":
    case "symbol":
    case "function":
      throw new NotCanonical(path, typeof value);
  }
}

function quoted(text: string, path: string): string {
  if (!text.isWellFormed()) throw new NotCanonical(path, "a lone surrogate");
  // For well-formed text JSON.stringify escapes exactly what RFC 8785 3.2.2.2 says, in the same form.
  return JSON.stringify(text);
}

function list(values: readonly unknown[], path: string, depth: number): string {
  const parts: string[] = [];
  // By index, not by iterator: a hole is then seen as undefined and refused.
  for (let index = 0; index < values.length; index += 1) {
    parts.push(write(values[index], `${path}/${index}`, depth + 1));
  }
  return `[${parts.join(",")}]`;
}

function members(value: object, path: string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotCanonical(path, "an object with a class of its own");
  }
  // The default order of sort() is by UTF-16 code units, which is what RFC 8785 3.2.3 asks.
  const keys = Object.keys(value).sort();
  const parts = keys.map((key) => {
    const member: unknown = Reflect.get(value, key);
    return `${quoted(key, path)}:${write(member, `${path}/${key}`, depth + 1)}`;
  });
  return `{${parts.join(",")}}`;
}
