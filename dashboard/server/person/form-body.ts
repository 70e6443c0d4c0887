import { z } from "zod";

/* What a browser's form sent, before any check. */

const Body = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
export type Body = z.infer<typeof Body>;

export function bodyOf(body: unknown): Body {
  const parsed = Body.safeParse(body);
  return parsed.success ? parsed.data : {};
}

/** The last one sent under this name; "" where there is none. Line breaks and runs of spaces become one space. */
export function textOf(body: Body, name: string): string {
  const value = body[name];
  const text = (Array.isArray(value) ? value.at(-1) : value) ?? "";
  return text.replaceAll(/\s+/g, " ").trim();
}

export const wordsOf = (body: Body, name: string): string | null => textOf(body, name) || null;

export function listOf(body: Body, name: string): string[] {
  const value = body[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** NaN where there is none, so that the contract refuses it. */
export const numberOf = (body: Body, name: string): number => Number(textOf(body, name) || Number.NaN);

/** What is wrong with a field of a form: `id` is that of its first control. */
export interface FieldError {
  readonly id: string;
  readonly words: string;
}

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** One sentence for each field that the contract refused, in the order of the form. */
export function readAs<T>(
  schema: { safeParse(value: unknown): z.ZodSafeParseResult<T> },
  value: unknown,
  wordsOfField: Readonly<Record<string, string>>,
): Read<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const wrong = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
  const errors = Object.entries(wordsOfField)
    .filter(([id]) => wrong.has(id))
    .map(([id, words]) => ({ id, words }));
  return { ok: false, errors: errors.length > 0 ? errors : [{ id: "maincontent", words: "That could not be read." }] };
}

export interface Choice {
  readonly value: string;
  readonly words: string;
  readonly chosen: boolean;
}

export const choices = (words: Readonly<Record<string, string>>, chosen: readonly string[]): Choice[] =>
  Object.entries(words).map(([value, text]) => ({ value, words: text, chosen: chosen.includes(value) }));
