import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runSections } from "./schedule.ts";
import { sectionsForTests } from "./sections-for-tests.ts";

const worker = fileURLToPath(new URL("./worker-for-tests.ts", import.meta.url));
const named = (...names: readonly string[]) => names.map((name) => sectionsForTests.find((one) => one.name === name)!);
const wishes = (lines: string[] = []) => ({
  quick: true,
  seed: 5,
  worker,
  say: (line: string) => void lines.push(line),
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const untilDead = async (pid: number): Promise<void> => {
  for (let i = 0; isAlive(pid) && i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 50));
};
const pidIn = (lines: readonly string[]): number => Number(/pid (\d+)/.exec(lines.join("\n"))?.[1] ?? 0);

describe("sections, each in a process of its own", () => {
  it("answer in the order asked for, and one that fails loses nothing of the others", async () => {
    const lines: string[] = [];
    const ran = await runSections(named("throws", "dies", "says-its-seed"), wishes(lines));
    expect(ran.map(({ name }) => name)).toEqual(["throws", "dies", "says-its-seed"]);
    expect(ran[0]!.failure).toContain("the model <is> gone");
    expect(ran[1]!.failure).toContain("code 7");
    expect(ran[2]!.failure).toBeNull();
    expect(ran[2]!.result.rows[0]).toMatchObject({ condition: "quick", value: 5 });
    expect(ran[0]!.result.rows).toEqual([]);
    expect(lines.join("\n")).toMatch(/throws FAILED: .*gone/);
    expect(lines.at(-1)).toMatch(/^100 % · about 0 s left/);
  }, 60_000);

  it("end when the run is cancelled", async () => {
    const lines: string[] = [];
    const cancel = new AbortController();
    const run = runSections(named("never-ends", "says-its-seed"), {
      ...wishes(lines),
      cancel: cancel.signal,
      say: (line) => {
        lines.push(line);
        if (line.includes("pid")) cancel.abort(new Error("stopped by hand"));
      },
    });
    await expect(run).rejects.toThrow("stopped by hand");
    const pid = pidIn(lines);
    expect(pid).toBeGreaterThan(0);
    await untilDead(pid);
    expect(isAlive(pid)).toBe(false);
  }, 60_000);
});

describe("a worker", () => {
  it("ends when the evaluation is no more", async () => {
    const child = fork(worker, ["never-ends", "1", "quick"]);
    await once(child, "message");
    child.disconnect();
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  }, 60_000);

  it("refuses a section that is not on its list", async () => {
    const child = fork(worker, ["no-such", "1", "quick"], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const [code] = await once(child, "exit");
    expect(code).not.toBe(0);
  }, 60_000);
});
