import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { buildWeb } from "../scripts/build-web.ts";
import { inTurns, runKillTrial, screenMsMax } from "../scripts/faults/kill-trial.ts";
import { victims } from "../scripts/faults/struck-ward.ts";
import { haveMosquitto } from "./mosquitto-broker.ts";

/* The short form of npm run faults: each process once, then both brokers for some seconds. */

const seed = 1;
/** Three times what npm run faults asks for: this machine may be busy with other tests. */
const recoveryMsMax = 30_000;

describe.skipIf(!haveMosquitto)("kill -9 of each process of a running ward", () => {
  beforeAll(() => buildWeb(fileURLToPath(new URL("../dashboard/web/built", import.meta.url))));

  it("loses nothing acknowledged, takes nothing of who stopped, shows on the screen, and goes on by itself", async () => {
    const result = await runKillTrial({
      kills: victims.length,
      seed,
      holdEvery: 0,
      outageMs: 5_000,
      recoveryMsMax,
      say: () => {},
    });
    expect(result.missed, `seed ${seed}`).toEqual([]);
    expect(result.kills.map(({ victim }) => victim).toSorted()).toEqual(victims.toSorted());
    expect(result.outage?.toldMs).toBeLessThan(screenMsMax);
    expect(result.outage?.recoveredMs).toBeLessThan(recoveryMsMax);
    expect(result.acknowledged.checks).toBeGreaterThan(20);
    expect(result.acknowledged.consents).toBeGreaterThanOrEqual(2);
  }, 240_000);
});

it("each process is struck as often as any other, in an order that the numbers decide", () => {
  const last = inTurns(12, (count) => count - 1);
  expect(last).toHaveLength(12);
  for (const victim of victims) expect(last.filter((one) => one === victim).length).toBeGreaterThanOrEqual(2);
  expect(inTurns(12, () => 0)).not.toEqual(last);
});
