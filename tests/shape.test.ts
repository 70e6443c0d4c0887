import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readSource } from "./shape/read-source.ts";
import { judgeImport, type Room, roomOf } from "./shape/rooms.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const leaveOut: readonly string[] = ["node_modules", ".git", "data", "built", ".work", "artefacts"];
const linesMax = 400;
const pureRooms: readonly Room[] = [
  "contract",
  "signal",
  "perception",
  "care",
  "audit",
  "core",
  "sensors",
  "simulator",
];

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !leaveOut.includes(entry.name)) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

const files = [...filesBelow("")].sort();
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const sources = files.filter((path) => path.endsWith(".ts"));
const factsOf = new Map(sources.map((path) => [path, readSource(path, read(path))]));

describe("the project", () => {
  test("has every source in a room", () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.filter((path) => roomOf(path) === undefined)).toEqual([]);
  });

  test("imports only along the table", () => {
    const wrong: string[] = [];
    for (const [path, { imports }] of factsOf) {
      for (const specifier of imports) {
        const words = judgeImport(path, specifier);
        if (words !== undefined) wrong.push(words);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("names every module it imports as a literal, outside tests and scripts", () => {
    const outside = [...factsOf].filter(([path]) => roomOf(path) !== "tests" && roomOf(path) !== "scripts");
    expect(outside.filter(([, { computedImports }]) => computedImports > 0).map(([path]) => path)).toEqual([]);
  });

  test("has no clock, chance, timer, environment or log in the pure rooms", () => {
    const wrong: string[] = [];
    for (const [path, { impure }] of factsOf) {
      const room = roomOf(path);
      if (room !== undefined && pureRooms.includes(room)) wrong.push(...impure.map((name) => `${path}: ${name}`));
    }
    expect(wrong).toEqual([]);
  });

  test("retains no message", () => {
    const outside = [...factsOf].filter(([path]) => roomOf(path) !== "tests");
    expect(outside.filter(([, { retains }]) => retains > 0).map(([path]) => path)).toEqual([]);
  });

  test("has no drawer for odds and ends", () => {
    expect(files.filter((path) => path.split("/").some(isDrawer))).toEqual([]);
  });

  test("has no file past 400 lines", () => {
    const written = files.filter((path) => /\.(ts|js|py|scss|njk)$/.test(path));
    const long = written.map((path) => [path, read(path).trimEnd().split("\n").length] as const);
    expect(long.filter(([, lines]) => lines > linesMax)).toEqual([]);
  });

  test("names no place of the machine it was written on", () => {
    const place = ["", "work", ""].join("/");
    const small = files.filter((path) => statSync(join(root, path)).size < 2_000_000);
    expect(small.filter((path) => read(path).includes(place))).toEqual([]);
  });
});

const isDrawer = (name: string): boolean =>
  /^(utils?|common|helpers?|types|misc)$/.test(basename(name).replace(/\..*$/, ""));

describe("the checker itself", () => {
  test.each([
    ["edge-agent/care/consent.ts", "../platform/clock.ts"],
    ["edge-agent/care/consent.ts", "node:fs"],
    ["edge-agent/care/consent.ts", "zod"],
    ["edge-agent/contract/units.ts", "../signal/fft.ts"],
    ["edge-agent/signal/fft.ts", "../contract/words.ts"],
    ["edge-agent/audit/merkle.ts", "node:fs"],
    ["edge-agent/core.ts", "./loop.ts"],
    ["edge-agent/records/open.ts", "fastify"],
    ["edge-agent/records/open.ts", "../platform/log.ts"],
    ["edge-agent/loop.ts", "./care/consent.ts"],
    ["edge-agent/loop.ts", "node:timers"],
    ["firmware-bridge/bridge.ts", "../edge-agent/core.ts"],
    ["firmware-bridge/sensors/acconeer-a121.ts", "../ports/tcp.ts"],
    ["firmware-bridge/simulator/bedroom.ts", "node:crypto"],
    ["dashboard/server/app.ts", "../../edge-agent/care/consent.ts"],
    ["dashboard/web/ward/island.ts", "node:fs"],
    ["dashboard/web/ward/island.ts", "../../server/app.ts"],
    ["edge-agent/main.ts", "../scripts/start.ts"],
    ["edge-agent/broker/broker.ts", "../../tests/shared-material.ts"],
    ["edge-agent/platform/log.ts", "../elsewhere/thing.ts"],
    ["edge-agent/elsewhere/thing.ts", "zod"],
    ["stray.ts", "zod"],
  ])("refuses that %s imports %s", (path, specifier) => {
    expect(judgeImport(path, specifier)).toContain(path);
  });

  test.each([
    ["edge-agent/signal/fft.ts", "../contract/units.ts"],
    ["edge-agent/signal/fft.ts", "./window.ts"],
    ["edge-agent/audit/merkle.ts", "node:crypto"],
    ["edge-agent/core.ts", "./care/consent.ts"],
    ["edge-agent/platform/log.ts", "pino"],
    ["edge-agent/care/consent.test.ts", "fast-check"],
    ["scripts/start.ts", "../edge-agent/platform/keys.ts"],
    ["tests/end-to-end.test.ts", "../scripts/start-options.ts"],
    ["dashboard/server/app.ts", "@fastify/static"],
  ])("lets %s import %s", (path, specifier) => {
    expect(judgeImport(path, specifier)).toBeUndefined();
  });

  test("sees every form of import, and none in comments and strings", () => {
    const text = `
      import "./a.ts"; import type { B } from "./b.ts"; import { type C } from './c.ts';
      export * from "./d.ts"; export { e } from "./e.ts"; export type { F } from "./f.ts";
      const g = await import("./g.ts"); let h: import("./h.ts").H; const i = require("./i.ts");
      // import "./no-1.ts"
      /* import("./no-2.ts") */
      const words = 'import "./no-3.ts"' + \`import("./no-4.ts") \${(await import("./j.ts")).k}\`; const r = /import "no-5"/;
    `;
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].map((name) => `./${name}.ts`);
    expect([...readSource("x.ts", text).imports].sort()).toEqual(names);
    expect(readSource("x.ts", "const a = await import(name);").computedImports).toBe(1);
    expect(() => readSource("x.ts", "import from")).toThrow("does not parse");
  });

  test("sees what is not pure, and only that", () => {
    const impure = `Date.now(); Math.random(); setTimeout(f, 1); process.env.X; console.log(1); new Date(); performance.now();`;
    expect([...readSource("x.ts", impure).impure].sort()).toEqual(
      ["Date.now", "Math.random", "setTimeout", "process.env", "console.log", "new Date()", "performance.now"].sort(),
    );
    const pure = `// Date.now()\nconst words = "process.exit"; Math.max(1, 2); new Date(5); state.process.x; const t: Date = d;`;
    expect(readSource("x.ts", pure).impure).toEqual([]);
    expect(readSource("x.ts", "publish({ retain: true }); publish({ retain: false })").retains).toBe(1);
  });

  test.each([["util.ts"], ["helpers"], ["common"], ["types.ts"], ["utils.test.ts"]])("%s is a drawer", (name) => {
    expect(isDrawer(name)).toBe(true);
  });
});
