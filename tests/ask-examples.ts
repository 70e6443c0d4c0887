import { z } from "zod";
import { type Ask, RoomAsk, StationAsk } from "../edge-agent/contract/asks.ts";
import { nothingOrdered } from "../edge-agent/contract/people.ts";

/* One ask of each kind, made from its schema: a new one has an example before anybody thinks of it. */

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly format?: string;
}

/** Of this ward: what an example speaks of. */
export interface Known {
  readonly bed: string;
  readonly stay: string;
  readonly staff: string;
  readonly beds: readonly string[];
}

const options = [...RoomAsk.options, ...StationAsk.options];
const actOf = (option: (typeof options)[number]): string => option.shape.do.value;
export const allAsks: readonly string[] = options.map(actOf);

export function exampleOf(act: string, known: Known): Ask["ask"] {
  const option = options.find((one) => actOf(one) === act);
  if (option === undefined) throw new Error(`there is no ask ${act}`);
  const made = make(z.toJSONSchema(option, { io: "input", unrepresentable: "any" }) as JsonSchema, "", known);
  return option.parse(made);
}

function make(schema: JsonSchema, name: string, known: Known): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const named = ofName(name, known);
  if (named !== undefined) return named;
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice !== undefined) return make(choice.find(({ type }) => type === "null") ?? choice[0] ?? {}, name, known);
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, make(schema.properties?.[key] ?? {}, key, known)]),
      );
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => make(schema.items ?? {}, name, known));
    case "null":
      return null;
    case "boolean":
      return true;
    case "integer":
    case "number":
      return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
    default:
      return schema.format === "date" ? "2026-11-01" : "example";
  }
}

/** What has a form of its own, by the name of its field. */
/** Undefined: it has none. */
function ofName(name: string, { bed, stay, staff, beds }: Known): unknown {
  switch (name) {
    case "bed":
      return bed;
    case "stay":
      return stay;
    case "staff":
      return staff;
    case "beds":
      return [...beds];
    case "alarm":
      return `${bed}-1`;
    case "badge":
      return "RN-999";
    case "order":
      return { ...nothingOrdered, by: "example", reason: "example" };
    case "seenAtUtcMs":
      return null;
    case "language":
      return "en";
    case "everyMinutes":
      return 60;
    case "validUntil":
      return "2027-11-01";
    default:
      return undefined;
  }
}
