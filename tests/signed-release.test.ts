import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepAccepted } from "../edge-agent/io/release-manifest.ts";
import { oneBedroom, signedAssessment } from "./one-bedroom.ts";

/* Outside a demonstration only what somebody signed runs. A release of its own, of this program's files, so that they can be changed. */

const project = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "quietround-release-"));
const root = join(folder, "program");
const etc = join(folder, "etc");
const data = join(folder, "data");
const config = join(etc, "site.json");
const key = join(folder, "maker.pem");

function sign(number: number, more: readonly string[] = []): { status: number | null; said: string } {
  const args = ["--config", config, "--key", key, "--number", String(number), ...more];
  const ran = spawnSync(process.execPath, [join(root, "scripts/release-sign.ts"), ...args], { encoding: "utf8" });
  return { status: ran.status, said: ran.stdout + ran.stderr };
}
/** What it says where it does not run; undefined: it got past the check, and failed at the next, for which nothing is here. */
function refusal(): string | undefined {
  const ran = spawnSync(process.execPath, [join(root, "edge-agent/main.ts"), "--config", config, "--data", data], {
    encoding: "utf8",
    timeout: 60_000,
  });
  if (ran.stderr.includes("This release may not run")) {
    expect(ran.status).toBe(2);
    return ran.stderr;
  }
  expect(ran.stderr).toMatch(/missing key file/);
  return undefined;
}

beforeAll(() => {
  mkdirSync(root);
  for (const part of [
    "edge-agent",
    "firmware-bridge",
    "dashboard",
    "models",
    "scripts",
    "config",
    "package.json",
    "package-lock.json",
  ])
    cpSync(join(project, part), join(root, part), { recursive: true });
  mkdirSync(join(root, "dashboard/web/built"), { recursive: true });
  writeFileSync(join(root, "dashboard/web/built/quietround.css"), "");
  // A link for each package: it counts by where it points, so that nobody hashes 800 MB here.
  mkdirSync(join(root, "node_modules"));
  for (const name of readdirSync(join(project, "node_modules")))
    symlinkSync(join(project, "node_modules", name), join(root, "node_modules", name));
  mkdirSync(etc);
  mkdirSync(data);
  const site = JSON.parse(readFileSync(oneBedroom(etc), "utf8"));
  writeFileSync(
    config,
    JSON.stringify({
      ...site,
      demonstration: false,
      assessmentVersion: "1.0",
      consent: { ...site.consent, languages: ["en"] },
    }),
  );
  writeFileSync(join(etc, "assessment.json"), JSON.stringify(signedAssessment));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a ward that is no demonstration", () => {
  it("runs nothing that nobody signed, and says what to do", () => {
    expect(refusal()).toMatch(/release\.list, release\.note, release\.vkey are wanted in .*npm run release:sign/);
  });

  it("runs a signed release", () => {
    expect(sign(3).said).toContain("--new-key makes one");
    expect(sign(3, ["--new-key"]).said).toContain("release 3");
    expect(sign(3, ["--new-key"]).said).toContain("a key is never written over");
    expect(refusal()).toBeUndefined();
  });

  it.each([
    ["the configuration", config, "site.json is not what was signed"],
    ["the assessment", join(etc, "assessment.json"), "assessment.json is not what was signed"],
    ["a model", join(root, "models/radar-breathing/model.onnx"), "model.onnx is not what was signed"],
    ["a line of the program", join(root, "edge-agent/care/consent.ts"), "consent.ts is not what was signed"],
    ["the list", join(etc, "release.list"), "its list of files was changed"],
    ["the note", join(etc, "release.note"), "not signed with the key"],
  ])("does not run where %s was changed", (_what, file, words) => {
    const before = readFileSync(file);
    appendFileSync(file, " ");
    expect(refusal()).toContain(words);
    writeFileSync(file, before);
  });

  it("does not run where a file is missing, or the key is another", () => {
    const file = join(root, "models/radar-breathing/model.onnx");
    const before = readFileSync(file);
    rmSync(file);
    expect(refusal()).toContain("model.onnx is missing");
    writeFileSync(file, before);
    const vkey = readFileSync(join(etc, "release.vkey"));
    writeFileSync(join(etc, "release.vkey"), "no key\n");
    expect(refusal()).toContain("not signed with the key");
    writeFileSync(join(etc, "release.vkey"), vkey);
    expect(refusal()).toBeUndefined();
  });

  it("does not go back to an older release, over the same data", () => {
    keepAccepted(data, 3);
    expect(refusal()).toBeUndefined();
    expect(sign(2).status).toBe(0);
    expect(refusal()).toContain("it is release 2, and release 3 ran here before");
    keepAccepted(data, 2);
    expect(refusal()).toContain("release 3 ran here before");
    expect(sign(4).status).toBe(0);
    expect(refusal()).toBeUndefined();
  });
});
