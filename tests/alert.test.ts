import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { nothingOrdered } from "../edge-agent/contract/people.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let ward: RunningWard | undefined;
afterEach(async () => {
  await ward?.stop();
  ward = undefined;
});

function auditActions(running: RunningWard): string[] {
  const db = openForReading(join(running.dataDir, "ward.sqlite"));
  try {
    const rows = db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Buffer[];
    return rows.map((row) => (JSON.parse(row.toString()) as { action: string }).action);
  } finally {
    db.close();
  }
}

describe("an alert", () => {
  it("is raised when the person stays out of bed, acknowledged by name, cleared when they are back, all in the log", async () => {
    const speed = 5;
    ward = await runWard({
      sensors: [{ port: { via: "simulated", seed: 5, scene: "demonstration", speed } }],
      clockSpeed: speed,
    });
    const running = ward;
    const tile = () => running.tiles.get("room-1");
    const { stay, bedside } = await running.admit("room-1");
    await running.setUp({
      do: "order",
      bed: "room-1",
      stay,
      order: { ...nothingOrdered, leftBed: { afterMs: 10_000 }, by: "Sam Reed", reason: "test" },
    });
    await running.turnOn("room-1", stay, bedside);
    const raised = await running.until(
      "the alert",
      () => tile()?.alarms.find(({ condition }) => condition === "left-bed"),
      90_000,
    );
    expect(raised).toMatchObject({ priority: "medium", presence: "on", technical: false, audited: true });

    const going = { do: "acknowledge", bed: "room-1", alarm: raised.id, going: true } as const;
    expect(await running.ask(going, bedside)).toMatchObject({ ok: false, why: "not-allowed" });
    expect(await running.ask(going, null)).toMatchObject({ ok: false, why: "not-signed-in" });
    const nurse = await running.signInNurse();
    expect((await running.ask(going, nurse)).ok).toBe(true);
    await running.until("who is going", () => tile()?.alarms[0]?.acknowledged?.name === "Sam Reed");
    expect(await running.ask(going, nurse)).toMatchObject({ ok: false, why: "already-done" });
    await running.until("the alert cleared when they were back", () => tile()?.alarms.length === 0, 60_000);

    // Beside the running loop, from the records that it has just written.
    const tried = { ...nothingOrdered, leftBed: { afterMs: 5_000 }, by: "Sam Reed", reason: "test" };
    const whatIf = { do: "what-if", bed: "room-1", stay, order: tried, of: "stay" } as const;
    expect(await running.ask(whatIf, nurse)).toMatchObject({ ok: false, why: "not-allowed" });
    const meant = await running.setUp(whatIf);
    expect(meant).toMatchObject({ is: "what-if" });

    const actions = auditActions(running);
    expect(actions).toContain("order.what-if");
    const order = ["consent.grant", "lease.start", "alert.raise", "sign-in", "alert.acknowledge", "alert.clear"];
    const places = order.map((action) => actions.indexOf(action));
    expect(places).not.toContain(-1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    const verified = execFileSync(
      process.execPath,
      [join(root, "scripts/audit-export.ts"), "--data", running.dataDir, "--out", join(running.dataDir, "export")],
      { encoding: "utf8" },
    );
    expect(verified).toContain("entries");
    expect(
      execFileSync(process.execPath, [join(root, "scripts/audit-verify.ts"), join(running.dataDir, "export")], {
        encoding: "utf8",
      }),
    ).toContain("OK");
  }, 180_000);
});
