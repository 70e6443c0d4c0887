import { parseSync } from "vite";

export interface SourceFacts {
  /** Every module named: imports, type imports, re-exports, `import()`, `require()`, `import("x").T`. */
  readonly imports: readonly string[];
  /** Reaches for clock, chance, timers, environment, log or network; as written, such as `Date.now`. */
  readonly impure: readonly string[];
  /** Imports whose module is not a literal: nobody can hold those against a table. */
  readonly computedImports: number;
  /** `retain: true` in an object. */
  readonly retains: number;
}

const impureMembers: Readonly<Record<string, readonly string[] | "any">> = {
  Date: ["now"],
  Math: ["random"],
  process: "any",
  console: "any",
  performance: "any",
  globalThis: "any",
};
const impureCalls: readonly string[] = [
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "fetch",
  "require",
];

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Parsed as TypeScript, so that words in comments and strings do not count. Throws where it does not parse. */
export function readSource(path: string, text: string): SourceFacts {
  const { program, errors } = parseSync(path, text, { lang: "ts", sourceType: "module" });
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const facts = { imports: [] as string[], impure: [] as string[], computedImports: 0, retains: 0 };
  const imported = (source: unknown): void => {
    const value = literal(source);
    if (value === undefined) facts.computedImports += 1;
    else facts.imports.push(value);
  };
  for (const node of nodesOf(program)) {
    switch (node.type) {
      case "ImportDeclaration":
      case "ImportExpression":
      case "ExportAllDeclaration":
      case "TSImportType":
        imported(node.source ?? node.argument);
        break;
      case "ExportNamedDeclaration":
        if (isNode(node.source)) imported(node.source);
        break;
      case "MemberExpression": {
        const object = nameOf(node.object);
        const property = nameOf(node.property);
        const names = Object.hasOwn(impureMembers, object) ? impureMembers[object] : undefined;
        if (names === "any" || names?.includes(property)) facts.impure.push(`${object}.${property}`);
        break;
      }
      case "NewExpression":
        if (nameOf(node.callee) === "Date" && (node.arguments as unknown[]).length === 0)
          facts.impure.push("new Date()");
        break;
      case "CallExpression": {
        const callee = nameOf(node.callee);
        if (callee === "require") imported((node.arguments as unknown[])[0]);
        if (impureCalls.includes(callee)) facts.impure.push(callee);
        break;
      }
      case "Property":
        if (nameOf(node.key) === "retain" && isNode(node.value) && node.value.value === true) facts.retains += 1;
        break;
    }
  }
  return facts;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

const nameOf = (value: unknown): string => (isNode(value) && typeof value.name === "string" ? value.name : "");

function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === "TSLiteralType") return literal(value.literal);
  return value.type === "Literal" && typeof value.value === "string" ? value.value : undefined;
}

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const one of value) yield* nodesOf(one);
  } else if (isNode(value)) {
    yield value;
    for (const [key, child] of Object.entries(value)) if (key !== "type") yield* nodesOf(child);
  }
}
