import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { oneBedroom, signedAssessment } from "./one-bedroom.ts";

const agent = fileURLToPath(new URL("../edge-agent/main.ts", import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-refused-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As the agent says it when it will not start. */
function start(change: Record<string, unknown>): { status: number | null; said: string } {
  const path = oneBedroom(folder);
  const site: Record<string, unknown> = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...site, ...change }));
  const ran = spawnSync(process.execPath, [agent, "--config", path, "--data", folder], { timeout: 20_000 });
  return { status: ran.status, said: String(ran.stderr) };
}

describe("an agent that may not start says why, and writes nothing", () => {
  it("a ward without a data protection assessment, or with another version of it", () => {
    const none = start({ demonstration: false, assessmentVersion: "1.0" });
    expect(none.status).toBe(2);
    expect(none.said).toContain("assessment.json is missing");
    writeFileSync(join(folder, "assessment.json"), JSON.stringify({ ...signedAssessment, version: "2.0" }));
    const other = start({ demonstration: false, assessmentVersion: "1.0" });
    expect(other.status).toBe(2);
    expect(other.said).toContain("names version 1.0, the file is version 2.0");
    writeFileSync(join(folder, "assessment.json"), "{}");
    expect(start({ demonstration: false, assessmentVersion: "1.0" }).said).toContain("cannot be read");
  });
  it("alarms about breathing: no file opens them in this release", () => {
    const alarm = { alarms: { intendedUse: "alarm" } };
    const refused = start(alarm);
    expect(refused.status).toBe(2);
    expect(refused.said).toContain("this release was not made for alarms about breathing");
    writeFileSync(join(folder, "release.note"), "quietround release\n0.1.0\nalarm\n\n— nobody AAAA\n");
    expect(start(alarm).status).toBe(2);
  });
});
