import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oneBedroom, signedAssessment } from "./one-bedroom.ts";
import { password, pin } from "./staff-accounts.ts";

/* A ward that is no demonstration, as it is started for the first time. Needs the pages: npm run build:web. */

const script = (name: string) => fileURLToPath(new URL(`../scripts/${name}.ts`, import.meta.url));
let dataDir = "";
let ward: ChildProcess;
let said = "";

async function startWard(): Promise<void> {
  said = "";
  const config = join(dataDir, "one-bedroom.json");
  const ports = ["--port", "0", "--frames-port", "0", "--control-port", "0"];
  ward = spawn(process.execPath, [script("start"), "--config", config, "--data", dataDir, ...ports], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [ward.stdout, ward.stderr]) stream?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  for (let tries = 0; tries < 500; tries++) {
    if (said.includes("Ctrl-C stops everything")) return;
    if (ward.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the ward did not start:\n${said}`);
}
async function endWard(): Promise<void> {
  if (ward.exitCode !== null) return;
  const ended = new Promise((resolve) => ward.once("exit", resolve));
  ward.kill("SIGTERM");
  await ended;
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "quietround-first-"));
  const path = oneBedroom(dataDir);
  const site = JSON.parse(readFileSync(path, "utf8"));
  const real = { ...site, demonstration: false, development: true, assessmentVersion: "1.0" };
  writeFileSync(path, JSON.stringify({ ...real, consent: { ...site.consent, languages: ["en"] } }));
  writeFileSync(join(dataDir, "assessment.json"), JSON.stringify(signedAssessment));
  await startWard();
});
afterAll(async () => {
  await endWard();
  rmSync(dataDir, { recursive: true, force: true });
});

const linkIn = (text: string) => new URL(/http:\/\/\S+\/start-account\?\S+/.exec(text)?.[0] ?? "http://none");
const post = (to: URL, path: string, fields: Readonly<Record<string, string>>, cookie = "") =>
  fetch(new URL(path, to), {
    method: "POST",
    redirect: "manual",
    headers: { origin: to.origin, cookie, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  });
const cookieOf = (reply: Response): string =>
  reply.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");

test("the console gives the code for the first account; it opens the staff list; the next start gives none", async () => {
  const link = linkIn(said);
  expect(link.searchParams.get("first")).toBe("yes");
  expect((await fetch(link)).status).toBe(200);
  // Whoever reads the code cannot sign in with it alone.
  const code = link.searchParams.get("code") ?? "";
  expect((await post(link, "/sign-in", { code })).status).toBe(400);
  const chosen = { first: "yes", code, name: "Ada Obi", badge: "IC-1", password, again: password, pin };
  const started = await post(link, "/start-account", chosen);
  expect([started.status, started.headers.get("location")]).toEqual([303, "/ward"]);
  const cookie = cookieOf(started);
  const list = await fetch(new URL("/set-up/staff", link), { headers: { cookie } });
  expect(await list.text()).toContain("Ada Obi");
  expect((await post(link, "/start-account", chosen)).status).toBe(400);

  const invite = (...more: string[]) =>
    spawnSync(process.execPath, [script("invite"), "--data", dataDir, ...more], { encoding: "utf8" });
  expect(invite("--name", "Sam Reed", "--role", "nurse").stderr).toContain("--badge is needed");
  expect(invite("--name", "Sam Reed", "--role", "nurse", "--badge", "RN-104").stdout).toContain("starts the account");
  const renewed = invite("--renew", "--badge", "ic-1");
  expect(renewed.stdout).toContain("Ada Obi chooses a new password");
  await expect
    .poll(async () => (await fetch(new URL("/ward", link), { headers: { cookie }, redirect: "manual" })).status, {
      timeout: 15_000,
    })
    .toBe(303);
  const again = { badge: "IC-1", code: linkIn(renewed.stdout).searchParams.get("code") ?? "" };
  expect((await post(link, "/start-account", { ...again, password, again: password, pin })).status).toBe(303);

  await endWard();
  await startWard();
  expect(said).toContain("/badge");
  expect(said).not.toContain("first=yes");
}, 120_000);
