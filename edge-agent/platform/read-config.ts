import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { SiteConfig } from "../contract/config.ts";

export type ParsedSite =
  | { readonly ok: true; readonly site: SiteConfig; readonly sha256: string }
  | { readonly ok: false; readonly errors: readonly string[] };

/** From a person's editor. Every error at once, each with its path: `beds[0].sensors[0].port.via: ...`. */
export function parseSiteConfig(text: string): ParsedSite {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return { ok: false, errors: [`not JSON: ${cause instanceof Error ? cause.message : String(cause)}`] };
  }
  const parsed = SiteConfig.safeParse(value);
  if (!parsed.success) return { ok: false, errors: parsed.error.issues.flatMap((issue) => errorLines(issue, value)) };
  return { ok: true, site: parsed.data, sha256: createHash("sha256").update(text).digest("hex") };
}

/** For an entry point: a configuration that cannot be used ends the process with code 2, and says everything that is wrong. */
export function readSiteConfig(path: string): { readonly site: SiteConfig; readonly sha256: string } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    process.stderr.write(`cannot read the configuration ${path}: ${fileError(cause)}\n`);
    process.exit(2);
  }
  const parsed = parseSiteConfig(text);
  if (parsed.ok) return { site: parsed.site, sha256: parsed.sha256 };
  process.stderr.write(`${path} cannot be used:\n${parsed.errors.map((line) => `  ${line}\n`).join("")}`);
  process.exit(2);
}

function fileError(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && cause.code === "ENOENT" ? "there is no such file" : cause.message;
}

function errorLines(issue: z.core.$ZodIssue, value: unknown): string[] {
  const path = pathWords(issue.path);
  const at = path === "" ? "" : `${path}: `;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => `${path === "" ? key : `${path}.${key}`}: unknown key`);
    case "invalid_union": {
      const inner = issue.errors.flat();
      const note =
        "options" in issue && Array.isArray(issue.options) ? `one of ${issue.options.join(", ")}` : undefined;
      if (inner.length === 0) return [`${at}${missing(issue.path, value) ? "missing; " : ""}${note ?? issue.message}`];
      return inner.flatMap((one) => errorLines({ ...one, path: [...issue.path, ...one.path] }, value));
    }
    case "invalid_type":
      return [`${at}${missing(issue.path, value) ? `missing (${issue.expected})` : issue.message}`];
    default:
      return [`${at}${missing(issue.path, value) ? "missing; " : ""}${issue.message}`];
  }
}

const pathWords = (path: readonly PropertyKey[]): string =>
  path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`))
    .join("");

function missing(path: readonly PropertyKey[], value: unknown): boolean {
  let here: unknown = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return true;
    here = (here as Record<PropertyKey, unknown>)[step];
  }
  return false;
}
