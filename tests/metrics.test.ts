import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openForReading } from "../edge-agent/records/open.ts";
import { freePort } from "../scripts/free-port.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/* What a monitoring system reads of a ward of real processes, with somebody in the bed and a nurse at the station. */

let ward: RunningWard;
let agentPort: number;
let dashboardPort: number;
let stay: string;

beforeAll(async () => {
  const free = async () => (await freePort("127.0.0.1", 0)) ?? expect.fail("no free port");
  [agentPort, dashboardPort] = [await free(), await free()];
  ward = await runWard({
    sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }],
    site: { metrics: { agentPort, dashboardPort } },
  });
  const admitted = await ward.admit("room-1");
  stay = admitted.stay;
  await ward.turnOn("room-1", stay, admitted.bedside);
  await ward.signInNurse();
  await ward.until("an inference", () => (ward.tiles.get("room-1")?.engineering.inferences ?? 0) > 1, 60_000);
}, 120_000);
afterAll(() => ward?.stop());

const read = async (port = agentPort): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
/** The value of a line; undefined: there is none. */
const sampleOf = (text: string, line: string): number | undefined => {
  const found = text.split("\n").find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
};

describe("the agent's metrics", () => {
  it("tell of each room and of the loop what the board's tile tells", async () => {
    const text = await read();
    expect(sampleOf(text, 'quietround_frames_accepted_total{bed="room-1"}')).toBeGreaterThan(10);
    expect(sampleOf(text, 'quietround_inferences_total{bed="room-1"}')).toBeGreaterThan(1);
    expect(sampleOf(text, 'quietround_inference_seconds_count{bed="room-1"}')).toBeGreaterThan(1);
    expect(sampleOf(text, 'quietround_monitored{bed="room-1"}')).toBe(1);
    expect(sampleOf(text, "quietround_loop_lateness_seconds_count")).toBeGreaterThan(0);
    expect(sampleOf(text, "quietround_records_commit_seconds_count")).toBeGreaterThan(0);
    expect(sampleOf(text, "quietround_process_resident_memory_bytes")).toBeGreaterThan(50e6);
    expect(text).toMatch(/^quietround_nodejs_gc_duration_seconds_bucket/m);
  });

  it("hold no stay, no name and nothing of a person", async () => {
    const text = await read();
    const db = openForReading(`${ward.dataDir}/ward.sqlite`);
    const words = [
      ...(db.prepare("SELECT id FROM stay UNION SELECT label FROM stay").pluck().all() as string[]),
      ...(db.prepare("SELECT id FROM staff UNION SELECT name FROM staff").pluck().all() as string[]),
    ];
    db.close();
    expect(words).toContain(stay);
    expect(words.length).toBeGreaterThanOrEqual(4);
    for (const word of words) expect(text).not.toContain(word);
    const labels = new Set([...text.matchAll(/[{,]([a-z_]+)="/g)].map(([, name]) => name));
    expect([...labels].filter((name) => name !== "le").sort()).toEqual(expect.arrayContaining(["bed"]));
    for (const name of ["stay", "staff", "name", "label", "rate", "reason"]) expect(labels).not.toContain(name);
  });

  it("are there and nowhere else, and each of ours is explained to the engineer", async () => {
    expect((await fetch(`http://127.0.0.1:${agentPort}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${agentPort}/metrics`, { method: "POST" })).status).toBe(404);
    await ward.release();
    ward.start("dashboard");
    await expect
      .poll(() => read(dashboardPort).catch(() => ""), { timeout: 30_000 })
      .toContain("quietround_connections");
    await fetch(`http://127.0.0.1:${ward.site.dashboard.port}/person/room-1`, { redirect: "manual" });
    const requests = (await read(dashboardPort))
      .split("\n")
      .filter((line) => line.includes("http_request_seconds_count"));
    // By route, not by path: a path names a bed.
    expect(requests.join("\n")).toContain('route="/person/:bed"');
    const page = readFileSync(fileURLToPath(new URL("../docs/engineer.md", import.meta.url)), "utf8");
    const both = (await read()) + (await read(dashboardPort));
    const names = [...both.matchAll(/^# TYPE (quietround_\S+)/gm)].map(([, name]) => name ?? "");
    const ours = names.filter((name) => !/^quietround_(process|nodejs)_/.test(name));
    expect(ours.length).toBeGreaterThan(12);
    for (const name of ours) expect(page).toContain(`\`${name}\``);
  });
});
