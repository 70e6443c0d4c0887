import { describe, expect, it } from "vitest";
import { nothingOrdered } from "../edge-agent/contract/people.ts";
import { admission, auditActions, setup } from "./core-driver.ts";
import { HistoryWard } from "./history-ward.ts";

const order = { ...nothingOrdered, leftBed: { afterMs: 60_000 }, by: "Jo Lane", reason: "test" };
const start = Date.UTC(2026, 9, 24, 21);

/** Admits somebody, and orders until one minute from now. */
function ordered(): { ward: HistoryWard; stay: string } {
  const ward = new HistoryWard(start);
  const admitted = ward.ask(setup, { do: "admit", bed: "room-1", label: "P", ...admission });
  if (!admitted.ok || admitted.result.is !== "stay") throw new Error("nobody was admitted");
  const { stay } = admitted.result;
  ward.ask(setup, { do: "order", bed: "room-1", stay, order: { ...order, untilUtcMs: start + 60_000 } });
  return { ward, stay };
}
const tick = (ward: HistoryWard, toMs: number) => {
  ward.elapsedMs = toMs;
  return auditActions(ward.feed("room-1", { kind: "tick" }));
};

describe("an order that is over", () => {
  it("ends once in the log, also where the agent starts again after it", () => {
    const { ward } = ordered();
    try {
      expect(tick(ward, 59_000)).not.toContain("order.end");
      expect(tick(ward, 60_000)).toContain("order.end");
      ward.elapsedMs = 90_000;
      ward.reboot("killed");
      expect(ward.core("room-1").room.order).toBeNull();
      expect(tick(ward, 91_000)).not.toContain("order.end");
      expect(ward.entries("order.end")).toBe(1);
    } finally {
      ward.end();
    }
  });

  it("that ended while the agent was down ends when it is back, and a new one holds", () => {
    const { ward, stay } = ordered();
    try {
      ward.elapsedMs = 90_000;
      ward.reboot("killed");
      expect(ward.entries("order.end")).toBe(1);
      ward.ask(setup, { do: "order", bed: "room-1", stay, order: { ...order, untilUtcMs: start + 600_000 } });
      ward.reboot("killed");
      expect(ward.core("room-1").room.order?.untilUtcMs).toBe(start + 600_000);
      expect(ward.complaints).toEqual([]);
    } finally {
      ward.end();
    }
  });
});
