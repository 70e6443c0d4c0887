import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { vkeyOf } from "../../edge-agent/audit/note.ts";
import { verifyLog } from "../../edge-agent/audit/verify.ts";
import { exportFiles } from "../../edge-agent/records/export-files.ts";
import { exportLog } from "../../edge-agent/records/export-log.ts";
import { readExport } from "../../edge-agent/records/read-export.ts";
import { benchOrigin, GrowingLog, newBenchKey } from "../bench-audit/build-log.ts";
import { readLongExport } from "./read-long-export.ts";

const size = 400;
/** Two threads and many seams in a log that is short enough for a test. */
const threads = { longBytes: 0, sliceBytes: 20_000, count: 2 };
const folder = mkdtempSync(join(tmpdir(), "quietround-long-export-"));
const honest = join(folder, "honest");
const key = newBenchKey();
const trust = { vkeys: [vkeyOf(benchOrigin, key.publicKey)], known: [] };

beforeAll(() => {
  const log = new GrowingLog(folder, key);
  for (let part = 1; part <= 4; part += 1) log.growTo((size * part) / 4);
  exportLog(log.path, honest, { personalData: "included" });
  log.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Lines = (string | undefined)[];
const damages: Record<string, (lines: Lines, at: number) => void> = {
  "one character": (lines, at) => {
    const line = lines[at] ?? "";
    const place = Math.floor(line.length / 2);
    lines[at] = `${line.slice(0, place)}${line[place] === "7" ? "8" : "7"}${line.slice(place + 1)}`;
  },
  removed: (lines, at) => void lines.splice(at, 1),
  doubled: (lines, at) => void lines.splice(at, 0, lines[at]),
  "with its neighbour changed": (lines, at) => {
    [lines[at], lines[at + 1]] = [lines[at + 1] ?? "", lines[at]];
  },
  "the end": (lines, at) => void lines.splice(at),
  "an empty line": (lines, at) => void lines.splice(at, 0, ""),
  "an hour earlier": (lines, at) => {
    lines[at] = lines[at]?.replace(
      /"t":"([^"]*)"/,
      (_, t) => `"t":"${new Date(Date.parse(t) - 3_600_000).toISOString()}"`,
    );
  },
  "a second earlier": (lines, at) => {
    lines[at] = lines[at]?.replace(/"t":"([^"]*)"/, (_, t) => `"t":"${new Date(Date.parse(t) - 1_000).toISOString()}"`);
  },
  "another run": (lines, at) => {
    lines[at] = lines[at]?.replace(/"boot":"........-/, '"boot":"aaaaaaaa-');
  },
};
/** What no log of ours can stand in its entries. */
const always = ["one character", "removed", "doubled", "the end", "an empty line"];
const files = [exportFiles.entries, exportFiles.hashes, exportFiles.phi, exportFiles.checkpoints];

describe("an export that several threads read", () => {
  it("is found clean by the threads, as whole as by one", async () => {
    const log = await readLongExport(honest, threads);
    expect(log.walked?.entries).toBe(size);
    const verdict = verifyLog(log, trust);
    expect(verdict).toEqual(verifyLog(readExport(honest), trust));
    expect(verdict).toMatchObject({ ok: true, entries: size, commitmentsChecked: size / 4, checkpoints: 4 });
  });

  it("is left to one thread where it is short", async () => {
    expect((await readLongExport(honest)).walked).toBeUndefined();
  });

  it("is in doubt as soon as one thread doubts, and then read in order", async () => {
    const dir = join(folder, "changed");
    cpSync(honest, dir, { recursive: true });
    const file = join(dir, exportFiles.entries);
    writeFileSync(file, readFileSync(file, "utf8").replace("Sam Reed", "Sam Rees"));
    const log = await readLongExport(dir, threads);
    expect(log.walked).toBeUndefined();
    expect(verifyLog(log, trust).faults[0]).toMatchObject({ why: "entry-changed", seq: 0 });
  });

  it("has the same verdict in the same words, however it is damaged", async () => {
    const damaged = fc.record({
      file: fc.constantFrom(...files),
      how: fc.constantFrom(...Object.keys(damages)),
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      withoutHashes: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(damaged, async ({ file, how, at, withoutHashes }) => {
        const dir = mkdtempSync(join(folder, "damaged-"));
        cpSync(honest, dir, { recursive: true });
        const text = readFileSync(join(dir, file), "utf8");
        const lines: Lines = text.split("\n").slice(0, -1);
        damages[how]?.(lines, Math.floor(at * lines.length));
        writeFileSync(join(dir, file), lines.map((line) => `${line}\n`).join(""));
        if (withoutHashes) rmSync(join(dir, exportFiles.hashes));
        const verdict = verifyLog(await readLongExport(dir, { ...threads, count: 0 }), trust);
        const inOrder = verifyLog(readExport(dir), trust);
        expect(verdict).toEqual(inOrder);
        if (file === exportFiles.entries && always.includes(how)) expect(verdict.ok).toBe(false);
        rmSync(dir, { recursive: true });
      }),
      { numRuns: 60 },
    );
    expect(readdirSync(folder).filter((name) => name.startsWith("damaged-"))).toEqual([]);
  });
});
