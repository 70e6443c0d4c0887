import type { CareOrder, OrderPart } from "../../../edge-agent/contract/people.ts";

/* What a form offers for each part of an order: few and round, so that nobody has to think at night. */

const s = 1_000;
const min = 60_000;

/** ms; for breathing how long the shown rate has to stay outside. */
export const limitsOffered: Readonly<Record<OrderPart, readonly number[]>> = {
  onFloor: [5 * s, 15 * s, 30 * s, min],
  breathingStopped: [15 * s, 20 * s, 30 * s],
  noMovement: [15 * min, 30 * min, 60 * min, 120 * min],
  breathing: [15 * s, 30 * s, 60 * s, 120 * s],
  cannotSeeBreathing: [30 * s, 60 * s, 2 * min, 5 * min],
  notBack: [15 * min, 30 * min, 60 * min, 120 * min],
  leftBed: [30 * s, 2 * min, 5 * min, 10 * min, 20 * min],
  secondPerson: [30 * s, 60 * s, 5 * min, 15 * min],
  edgeOfBed: [5 * s, 15 * s, 30 * s, 60 * s],
  rateUnavailable: [2 * min, 5 * min, 15 * min, 30 * min],
};

/** Whole breaths a minute that a form offers; the limits themselves still count as inside. */
export const lowOffered = [6, 8, 9, 10, 12];
export const highOffered = [20, 24, 25, 28, 30];
/** The breathing component of NEWS2 is 3 at 8 or fewer and at 25 or more: the range that raises nothing else. */
export const usualRange = { lowPerMin: 9, highPerMin: 24 };

/** What of an order watches for something, in ms. */
export function limitOf(order: CareOrder | null, part: OrderPart): number | null {
  if (order === null) return null;
  if (part === "breathing") return order.breathing?.forMs ?? null;
  return order[part]?.afterMs ?? null;
}
