import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureKeys, readDashboardKey } from "../edge-agent/platform/keys.ts";
import { openDashboardLog } from "../edge-agent/records/dashboard-log.ts";
import { credentialName, makeKeyFile } from "../edge-agent/records/data-key-place.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { oneBedroom, signedAssessment } from "./one-bedroom.ts";

const agent = fileURLToPath(new URL("../edge-agent/main.ts", import.meta.url));
const dashboard = fileURLToPath(new URL("../dashboard/main.ts", import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-refused-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As the agent says it when it will not start. */
function start(
  change: Record<string, unknown>,
  program = agent,
  env: Readonly<Record<string, string>> = {},
): { status: number | null; said: string } {
  const path = oneBedroom(folder);
  const site: Record<string, unknown> = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...site, ...change }));
  const ran = spawnSync(process.execPath, [program, "--config", path, "--data", folder], {
    timeout: 20_000,
    env: { ...process.env, ...env },
  });
  return { status: ran.status, said: String(ran.stderr) };
}

describe("an agent that may not start says why, and writes nothing", () => {
  it("a ward without a data protection assessment, or with another version of it", () => {
    const none = start({ demonstration: false, development: true, assessmentVersion: "1.0" });
    expect(none.status).toBe(2);
    expect(none.said).toContain("assessment.json is missing");
    writeFileSync(join(folder, "assessment.json"), JSON.stringify({ ...signedAssessment, version: "2.0" }));
    const other = start({ demonstration: false, development: true, assessmentVersion: "1.0" });
    expect(other.status).toBe(2);
    expect(other.said).toContain("names version 1.0, the file is version 2.0");
    writeFileSync(join(folder, "assessment.json"), "{}");
    expect(start({ demonstration: false, development: true, assessmentVersion: "1.0" }).said).toContain(
      "cannot be read",
    );
  });
  it("alarms about breathing: no file opens them in this release", () => {
    const alarm = { alarms: { intendedUse: "alarm" } };
    const refused = start(alarm);
    expect(refused.status).toBe(2);
    expect(refused.said).toContain("this release was not made for alarms about breathing");
    writeFileSync(join(folder, "alarm-release.note"), "quietround release\n0.1.0\nalarm\n\n— nobody AAAA\n");
    expect(start(alarm).status).toBe(2);
  });

  it("agent and dashboard without the key of what is sealed, with one beside the data, and with another", () => {
    ensureKeys(folder, ["agent", "dashboard"], { station: "a.example/audit/2026", dashboard: "b.example/audit/2026" });
    const noCredential = { CREDENTIALS_DIRECTORY: "" };
    const gone = start({ dataKeyFile: join(folder, "gone.key") }, agent, noCredential);
    expect(gone.status).toBe(2);
    expect(gone.said).toMatch(/^no-key: the data key .*gone\.key cannot be read .*nothing was changed.*LoadCredential/);
    makeKeyFile(join(folder, "beside.key"));
    const beside = start({ dataKeyFile: join(folder, "beside.key") }, agent, noCredential);
    expect(beside.status).toBe(2);
    expect(beside.said).toMatch(/^no-key: .*lies in the data folder: move it out/);
    const pages = start({}, dashboard, noCredential);
    expect(pages.status).toBe(2);
    expect(pages.said).toMatch(/^no-key: it is not known where the data key is/);
    expect(existsSync(join(folder, "ward.sqlite"))).toBe(false);
    expect(existsSync(join(folder, "dashboard.sqlite"))).toBe(false);

    const log = { origin: "b.example/audit/2026", boot: randomUUID(), cfgSha256: null, modelSha256: null };
    const { privateKey, publicKey } = readDashboardKey(folder);
    openDashboardLog(join(folder, "dashboard.sqlite"), { ...log, sign: signerOf(privateKey), publicKey }).close();
    const other = mkdtempSync(join(tmpdir(), "quietround-refused-key-"));
    try {
      makeKeyFile(join(other, credentialName));
      const wrong = start({}, dashboard, { CREDENTIALS_DIRECTORY: other });
      expect(wrong.status).toBe(2);
      expect(wrong.said).toMatch(
        /^wrong-key: these records are sealed with data key [0-9a-f]{8}, .*Nothing was changed/,
      );
    } finally {
      rmSync(other, { recursive: true });
    }
  });
});
