import type { AlarmRow } from "../contract/door.ts";
import { elapsedMs, type MonoMs } from "../contract/units.ts";
import type { Room } from "./room.ts";

/**
 * Which open alarms a screen has shown. An alarm that nobody saw is no alarm: what no station confirmed in time is a
 * technical alarm of its own.
 */
export type Delivery = readonly {
  readonly id: string;
  /** The raising that it speaks of: an alarm that is raised again is shown again. */
  readonly raisedAtUtcMs: number;
  readonly since: MonoMs;
  readonly shown: boolean;
}[];

export const nothingToDeliver: Delivery = [];

/** Follows the open alarms: what was acknowledged was seen, and the alarm about delivery needs none of itself. */
export function followAlarms(delivery: Delivery, alarms: readonly AlarmRow[], at: MonoMs): Delivery {
  const open = alarms.filter(
    ({ presence, condition }) => (presence === "on" || presence === "latched") && condition !== "delivery-unconfirmed",
  );
  const same =
    open.length === delivery.length &&
    open.every((row, n) => delivery[n]?.id === row.id && delivery[n]?.raisedAtUtcMs === row.raisedAtUtcMs);
  if (same) return delivery;
  return open.map(({ id, raisedAtUtcMs }) => {
    const before = delivery.find((one) => one.id === id && one.raisedAtUtcMs === raisedAtUtcMs);
    return before ?? { id, raisedAtUtcMs, since: at, shown: false };
  });
}

/** A station has drawn them. */
export function confirmShown(
  delivery: Delivery,
  shown: readonly { readonly id: string; readonly raisedAtUtcMs: number }[],
): Delivery {
  const isShown = (one: Delivery[number]): boolean =>
    shown.some(({ id, raisedAtUtcMs }) => id === one.id && raisedAtUtcMs === one.raisedAtUtcMs);
  return delivery.some((one) => !one.shown && isShown(one))
    ? delivery.map((one) => (isShown(one) ? { ...one, shown: true } : one))
    : delivery;
}

export const hearShown = (room: Room, shown: Parameters<typeof confirmShown>[1]): Room => ({
  ...room,
  delivery: confirmShown(room.delivery, shown),
});

export const isUndelivered = (delivery: Delivery, at: MonoMs, confirmWithinMs: number | null): boolean =>
  confirmWithinMs !== null && delivery.some(({ shown, since }) => !shown && elapsedMs(since, at) >= confirmWithinMs);
