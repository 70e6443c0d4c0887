import { elapsedMs, type MonoMs } from "../contract/units.ts";
import type { AlarmCondition, SensorHealth } from "../contract/words.ts";
import { type Lasting, lasting } from "./lasting.ts";
import type { Room } from "./room.ts";

/* What the system says of itself: no order turns it off, and only while it should see does it count. */

const told: readonly { readonly condition: AlarmCondition; readonly health: readonly SensorHealth[] }[] = [
  { condition: "sensor-covered", health: ["covered"] },
  { condition: "sensor-moved", health: ["moved"] },
  { condition: "sensor-frozen", health: ["frozen", "clock-stuck"] },
];

/** Of any sensor that runs: the other one may go on, and somebody has to look all the same. */
export function sensorConditions(room: Room): Partial<Record<AlarmCondition, boolean>> {
  if (room.leasedSince === null) return {};
  const running = Object.values(room.sensors).filter(({ state }) => state === "on");
  return Object.fromEntries(
    told.map(({ condition, health }) => [condition, running.some((sensor) => health.includes(sensor.health))]),
  );
}

/** A turn this much later than planned, or a model that takes this long, is late. */
export const lateTurnMs = 2_000;
const lateModelMs = 2_000;
const limits = { afterMs: 0, clearAfterMs: 30_000 };

/** A turn of the loop: whether it came late. */
export const hearTurn = (room: Room, turn: { readonly at: MonoMs; readonly lateMs?: number }): Room =>
  (turn.lateMs ?? 0) > lateTurnMs ? { ...room, lateTurnAt: turn.at } : room;

export function lateConditions(state: Lasting, room: Room, at: MonoMs): Lasting {
  const { inFlight } = room.model;
  const modelLate = inFlight !== null && elapsedMs(inFlight.since, at) > lateModelMs;
  const turnLate = room.lateTurnAt !== null && elapsedMs(room.lateTurnAt, at) < 1_000;
  return lasting(state, room.leasedSince !== null && (modelLate || turnLate), at, limits);
}
