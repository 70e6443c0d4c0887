import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { tlsFolder } from "../edge-agent/platform/tls-files.ts";
import { makeAuthority } from "../scripts/provision/authority.ts";
import { provisionLocalUnit, provisionStation, wardFolder } from "../scripts/provision/ward-folder.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/* Agent, bridge and test as they run in a ward, every connection over TLS with certificates on both ends. */

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
}, 60_000);

async function secureWard(): Promise<RunningWard> {
  const ward = await runWard({
    sensors: [{ port: { via: "simulated", seed: 1, scene: "demonstration", speed: 1 } }],
    brokers: { tls: "mutual" },
    prepare: (site, dataDir) => {
      const folder = { ...wardFolder(join(dataDir, "ward-keys")), station: dataDir };
      makeAuthority(folder.authority, site.wardName);
      provisionStation(folder, site, [], { tls: 8_883, bridge: 1_883 });
      provisionLocalUnit(folder, "unit-1");
    },
  });
  undo.push(() => ward.stop());
  return ward;
}

describe("a whole ward over TLS on the embedded brokers", () => {
  it("streams under a lease, stops at a touch; without its certificate the agent says what is missing", async () => {
    const ward = await secureWard();
    const tile = () => ward.tiles.get("room-1");
    const { stay, bedside } = await ward.admit("room-1");
    await ward.turnOn("room-1", stay, bedside);
    await ward.until("frames from the real bridge", () => (tile()?.engineering.framesAccepted ?? 0) > 40);
    expect((await ward.ask({ do: "stop-everything", bed: "room-1", stay }, bedside)).ok).toBe(true);
    await ward.until("the sensor is off", () => tile()?.sensor.state === "off", 5_000);

    await ward.end("agent");
    rmSync(join(tlsFolder(ward.dataDir), "broker.pem"));
    ward.start("agent");
    await ward.until("its last words", () => ward.log("agent").includes("broker.pem is missing"));
    expect(ward.log("agent")).toContain("npm run ward:provision");
  }, 120_000);
});
