import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

/* The benchmark's short form: no time is judged here, the machine may be busy. */

const folder = mkdtempSync(join(tmpdir(), "quietround-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function bench(...args: string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const program = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => {
    said += bytes.toString();
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, said };
}

describe("npm run bench -- --quick", () => {
  it("plays every kind of room, weighs ours against others, and finds the one frame that was never sent", async () => {
    const { code, said } = await bench("--quick", "--plant", "1", "--out", folder);
    const report = JSON.parse(readFileSync(join(folder, "bench.json"), "utf8"));
    expect(report.missed, said).toEqual(["3 rooms, frames lost: 1 frames, at most 0"]);
    expect(code).toBe(1);
    const [ward] = report.wards;
    expect(ward.resultMs.n).toBeGreaterThan(0);
    expect(ward.framesPublished).toBeGreaterThan(100);
    expect(report.stages.map(({ us }: { us: { p50: number } }) => us.p50 > 0)).not.toContain(false);
    expect(report.stages.length).toBe(8);
    expect(report.hops[0]).toMatchObject({ broker: "embedded", framesLost: 0 });
    expect(report.loops.map(({ where }: { where: string }) => where)).toEqual(["worker thread", "thread of the loop"]);
    const picture = readFileSync(join(folder, "bench.svg"), "utf8");
    for (const words of ["time, ms", "share of one core, %", "resident memory, MiB", "3 rooms"]) {
      expect(picture).toContain(words);
    }
    expect(readFileSync(join(folder, "bench.md"), "utf8")).toContain("| 3 rooms |");
  });

  it("refuses what it cannot measure, with its usage", async () => {
    const { code, said } = await bench("--rooms", "0");
    expect(code).toBe(2);
    expect(said).toContain("npm run bench");
  });
});
