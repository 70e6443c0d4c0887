import { posix } from "node:path";

/*
 * The rooms of the house and who may import whom (the design's table). A room may always import itself.
 */

export type Room =
  | "contract"
  | "signal"
  | "perception"
  | "care"
  | "audit"
  | "core"
  | "ports"
  | "records"
  | "platform"
  | "io"
  | "broker"
  | "loop"
  | "main"
  | "bridge"
  | "sensors"
  | "simulator"
  | "server"
  | "dashboard"
  | "web"
  | "words"
  | "scripts"
  | "tests";

/** A room, one file, one package, `node:` (any module of Node), `node:x` (one), or `packages` (any). */
type Target = Room | `${string}.ts` | `npm ${string}` | "packages" | "node:" | `node:${string}`;

const edgeAgent: readonly Room[] = [
  "contract",
  "signal",
  "perception",
  "care",
  "audit",
  "core",
  "ports",
  "records",
  "platform",
  "io",
  "broker",
  "loop",
  "main",
];

/** Pure tables of words: a page that the server renders says the same as the screens. */
const sameWords = ["dashboard/web/components/bed-tile/bed-words.ts"] as const;

const mayImport: Record<Exclude<Room, "scripts" | "tests">, readonly Target[]> = {
  contract: ["npm zod"],
  signal: ["edge-agent/contract/units.ts"],
  perception: ["contract", "signal"],
  care: ["contract"],
  audit: ["contract", "node:crypto"],
  core: ["contract", "perception", "care", "audit"],
  ports: ["contract"],
  records: ["contract", "audit", "npm better-sqlite3", "node:"],
  platform: ["contract", "packages", "node:"],
  io: ["contract", "ports", "platform", "records", "packages", "node:"],
  broker: ["contract", "audit", "platform", "packages", "node:"],
  loop: ["core", "contract", "ports"],
  main: [...edgeAgent, "packages", "node:"],
  bridge: ["contract", "platform", "sensors", "simulator", "packages", "node:"],
  sensors: ["contract", "simulator"],
  simulator: ["contract", "sensors"],
  server: ["contract", "words", "audit", "platform", "records", "packages", "node:", ...sameWords],
  dashboard: ["server", "words", "contract", "audit", "platform", "records", "packages", "node:"],
  web: ["contract", "words", "npm uplot"],
  words: ["contract"],
};

const folders: readonly (readonly [string, Room])[] = [
  ["edge-agent/contract/", "contract"],
  ["edge-agent/signal/", "signal"],
  ["edge-agent/perception/", "perception"],
  ["edge-agent/care/", "care"],
  ["edge-agent/audit/", "audit"],
  ["edge-agent/records/", "records"],
  ["edge-agent/platform/", "platform"],
  ["edge-agent/io/", "io"],
  ["edge-agent/broker/", "broker"],
  ["firmware-bridge/sensors/", "sensors"],
  ["firmware-bridge/simulator/", "simulator"],
  ["firmware-bridge/", "bridge"],
  ["dashboard/server/", "server"],
  ["dashboard/web/", "web"],
  ["dashboard/words/", "words"],
  ["scripts/", "scripts"],
  ["tests/", "tests"],
];
const files = new Map<string, Room>([
  ["edge-agent/main.ts", "main"],
  ["edge-agent/replay.ts", "main"],
  ["edge-agent/what-if.ts", "main"],
  ["edge-agent/loop.ts", "loop"],
  ["edge-agent/core.ts", "core"],
  ["edge-agent/ports.ts", "ports"],
  ["dashboard/main.ts", "dashboard"],
  ["vitest.config.ts", "tests"],
]);

/** @param path from the project's root, with `/`. */
export function roomOf(path: string): Room | undefined {
  if (path.endsWith(".test.ts")) return "tests";
  return files.get(path) ?? folders.find(([folder]) => path.startsWith(folder))?.[1];
}

/** What is wrong with this import, in words; undefined where it is allowed. */
export function judgeImport(path: string, specifier: string): string | undefined {
  const room = roomOf(path);
  if (room === undefined) return `${path} is in no room`;
  const target = targetOf(path, specifier);
  if (target === undefined) return `${path} imports ${specifier}, which is in no room`;
  const wrong = `${path} (${room}) must not import ${specifier}${"room" in target ? ` (${target.room})` : ""}`;
  // Scripts and tests may import anything, each other too; nothing else imports them.
  if (room === "scripts" || room === "tests") return undefined;
  const allowed = mayImport[room];
  if ("room" in target) {
    const good = target.room === room || allowed.includes(target.room) || allowed.some((one) => one === target.path);
    return good ? undefined : wrong;
  }
  if ("node" in target) {
    return allowed.includes("node:") || allowed.includes(`node:${target.node}`) ? undefined : wrong;
  }
  return allowed.includes("packages") || allowed.includes(`npm ${target.npm}`) ? undefined : wrong;
}

type Resolved = { readonly room: Room; readonly path: string } | { readonly node: string } | { readonly npm: string };

function targetOf(path: string, specifier: string): Resolved | undefined {
  if (specifier.startsWith("node:")) return { node: specifier.slice("node:".length) };
  if (!specifier.startsWith(".")) {
    const [first = "", second] = specifier.split("/");
    return { npm: first.startsWith("@") ? `${first}/${second}` : first };
  }
  const at = posix.join(posix.dirname(path), specifier);
  const room = roomOf(at);
  return room === undefined ? undefined : { room, path: at };
}
