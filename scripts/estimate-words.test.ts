import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = (script: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`scripts/${script}.ts`, ...args], {
    encoding: "utf8",
  });
  return { status, first: `${stderr}${stdout}`.split("\n")[0] ?? "" };
};
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "estimate-"));
  writeFileSync(join(folder, "empty.wire.bin"), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a mistake is told in words that say what to do", () => {
  it.each([
    ["a model that there is not", ["--sensor", "bogus", "--wire", "x"], /--sensor bogus: no such model; there is/],
    ["a depth sensor", ["--sensor", "depth-camera", "--wire", "x"], /depth is not recorded/],
    ["no file", ["--sensor", "mr60bha2"], /--wire is missing/],
    ["no settings", ["--sensor", "acconeer-a121", "--wire", "x"], /--config is missing/],
    ["a file that is not there", ["--sensor", "mr60bha2", "--wire", "/nowhere"], /cannot read \/nowhere/],
    ["another occupancy", ["--sensor", "mr60bha2", "--wire", "x", "--occupancy", "asleep"], /in-bed, empty or unknown/],
  ])("%s", (_what, args, words) => {
    const told = run("estimate", ...args);
    expect(told.status).toBe(2);
    expect(told.first).toMatch(words);
  });

  it("a model by its own name alone is known, and an empty file says so", () => {
    const told = spawnSync(
      process.execPath,
      ["scripts/estimate.ts", "--sensor", "mr60bha2", "--wire", join(folder, "empty.wire.bin")],
      { encoding: "utf8" },
    );
    expect(told.status).toBe(2);
    expect(told.stderr).toMatch(/no whole message of a mr60bha2 in it/);
  });

  it("a data folder that is a file, and help of a command that has no option for it", () => {
    const told = run("start", "--data", join(folder, "empty.wire.bin"));
    expect(told.status).toBe(2);
    expect(told.first).toMatch(/not a folder that can be made or used/);
    expect(run("invite", "--help")).toMatchObject({
      status: 0,
      first: expect.stringMatching(/^usage: npm run invite/),
    });
  });
}, 60_000);
