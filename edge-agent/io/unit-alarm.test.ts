import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TileAlarm } from "../contract/tile.ts";
import type { Log } from "../platform/log.ts";
import { UnitAlarm } from "./unit-alarm.ts";

let folder: string;
let lines: string[] = [];
const log = new Proxy({} as Log, {
  get: (_, level: string) => (_detail: unknown, words: string) => void lines.push(`${level}: ${words}`),
});
const unseen: TileAlarm = {
  id: "room-1-2",
  condition: "delivery-unconfirmed",
  priority: "medium",
  technical: true,
  presence: "on",
  raisedAt: 0,
  clearedAt: null,
  acknowledged: null,
  audited: true,
  escalation: 0,
  shown: true,
};
const tile = (bed: string, ...alarms: TileAlarm[]) => ({ bed, alarms });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-relay-"));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the alarm on the agent's own box", () => {
  it("closes the relay while an alarm of any room is on no screen, and says so once", async () => {
    const relayFile = join(folder, "value");
    const box = new UnitAlarm({ relayFile, log });
    const relay = async (): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return readFileSync(relayFile, "utf8");
    };
    box.start();
    expect(await relay()).toBe("0\n");
    for (let n = 0; n < 3; n++) box.follow(tile("room-1", unseen));
    box.follow(tile("room-2", unseen));
    expect(await relay()).toBe("1\n");
    box.follow(tile("room-1", { ...unseen, presence: "latched" }));
    expect(await relay()).toBe("1\n");
    box.follow(tile("room-2"));
    expect(await relay()).toBe("0\n");
    expect(lines.filter((line) => line.startsWith("error"))).toHaveLength(2);
    box.follow(tile("room-1", unseen));
    await box.stop();
    expect(readFileSync(relayFile, "utf8")).toBe("0\n");
  });
  it("a relay that cannot be set is said, and stops nothing", async () => {
    const box = new UnitAlarm({ relayFile: join(folder, "no", "such"), log });
    box.follow(tile("room-1", unseen));
    await box.stop();
    expect(lines).toContain("error: the relay could not be set");
  });
});
