import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditTargets, noteTarget } from "./fuzz/audit-targets.ts";
import { keep, keptTargets, readCorpus } from "./fuzz/corpus.ts";
import { frameTargets } from "./fuzz/frame-targets.ts";
import { openHttpTarget } from "./fuzz/http-target.ts";
import { messageTargets } from "./fuzz/message-targets.ts";
import { feedOne, runTarget } from "./fuzz/run-target.ts";
import { bytesOf, type Target, textOf } from "./fuzz/target.ts";

/* `npm run fuzz` with a bounded count, and everything that was kept. */

const pure: readonly Target[] = [...frameTargets, ...messageTargets, ...auditTargets];
const byName = new Map(pure.map((target) => [target.name, target]));
const bounds = { count: 100, ms: 1_500, seed: 3 };

describe("every parser that faces a wire", () => {
  it.each(pure.map((target) => ({ name: target.name, target })))("$name", async ({ target }) => {
    const kept = readCorpus(target.name).map(({ bytes }) => bytes);
    const { found, fed, refused } = await runTarget(target, kept, bounds);
    expect(found.map(({ words }) => words)).toEqual([]);
    expect(fed).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });
});

describe("what was kept", () => {
  const kept = keptTargets().flatMap((target) =>
    readCorpus(target).map(({ name, bytes }) => ({ target, name, bytes })),
  );
  it("is there, and of a target that there is", () => {
    expect(kept.length).toBeGreaterThan(pure.length);
    expect(keptTargets().filter((name) => name !== "http" && !byName.has(name))).toEqual([]);
  });
  it.each(kept.filter(({ target }) => byName.has(target)))("$target/$name", async ({ target, bytes }) => {
    expect((await feedOne(byName.get(target)!, bytes)).fault).toBeUndefined();
  });
});

describe("the dashboard's doors", () => {
  let opened: Awaited<ReturnType<typeof openHttpTarget>>;
  beforeAll(async () => {
    opened = await openHttpTarget();
  });
  afterAll(() => opened?.stop());
  it("answer every request, and never with an error of their own", async () => {
    for (const { bytes } of readCorpus("http")) expect((await feedOne(opened.target, bytes)).fault).toBeUndefined();
    const { found, refused, accepted } = await runTarget(opened.target, [], { ...bounds, ms: 2_000 });
    expect(found.map(({ words, bytes }) => `${words} ${textOf(bytes).slice(0, 400)}`)).toEqual([]);
    expect(Math.min(refused, accepted)).toBeGreaterThan(0);
  });
});

describe("the fuzz itself finds a parser that", () => {
  const planted = (feed: Target["feed"], seed = '{"v":1,"list":[1,2]}'): Target => ({
    name: "planted",
    shape: "json",
    seeds: [bytesOf(seed)],
    feed,
  });
  const wordsOf = async (target: Target): Promise<string> =>
    (await runTarget(target, [], { count: 400, ms: 10_000, seed: 1 })).found.map(({ words }) => words).join("\n");
  const parse = (bytes: Uint8Array): Record<string, unknown> | undefined => {
    try {
      return JSON.parse(textOf(bytes)) as Record<string, unknown>;
    } catch {
      return undefined;
    }
  };

  it("accepts nothing, or everything", async () => {
    expect(await wordsOf(planted(() => "refused"))).toContain("deaf: refused what our own encoder wrote");
    expect(await wordsOf(planted(() => "accepted"))).toContain("deaf: refused none");
  });
  it("throws", async () => {
    expect(await wordsOf(planted((bytes) => (JSON.parse(textOf(bytes)) === null ? "refused" : "accepted")))).toContain(
      "SyntaxError",
    );
  });
  it("lets a message change what all objects share", async () => {
    const merge = (into: Record<string, unknown>, from: Record<string, unknown>): void => {
      for (const [key, value] of Object.entries(from)) {
        if (typeof value === "object" && value !== null)
          merge((into[key] ?? {}) as Record<string, unknown>, value as Record<string, unknown>);
        else into[key] = value;
      }
    };
    const words = await wordsOf(
      planted((bytes) => {
        const said = parse(bytes);
        if (said === undefined) return "refused";
        try {
          merge({}, said);
        } catch {
          return "refused";
        }
        return "accepted";
      }),
    );
    delete (Object.prototype as Record<string, unknown>).polluted;
    expect(words).toContain("changed what all objects share");
  });
  it("hangs", async () => {
    const slow = planted((bytes) => {
      const from = process.cpuUsage();
      while (parse(bytes) === undefined && process.cpuUsage(from).user < 400_000);
      return "refused";
    });
    expect((await feedOne({ ...slow, hangMs: 300 }, bytesOf("{"))).fault).toMatch(/^took \d+ ms/);
  });
  it("believes another note than the one that was signed", async () => {
    const credulous = noteTarget((note) => {
      const end = note.lastIndexOf("\n\n");
      return end < 0
        ? { ok: false, why: "malformed" }
        : { ok: true, text: note.slice(0, end + 1), signedBy: ["anybody"] };
    });
    expect(await wordsOf(credulous)).toContain("a note that nobody signed");
  });
  it("and keeps what it found, once", () => {
    const folder = mkdtempSync(join(tmpdir(), "quietround-corpus-"));
    try {
      const path = keep("one", "found", bytesOf("x"), folder);
      expect(keep("one", "found", bytesOf("x"), folder)).toBe(path);
      expect(readCorpus("one", folder).map(({ bytes }) => textOf(bytes))).toEqual(["x"]);
      expect(keptTargets(folder)).toEqual(["one"]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
