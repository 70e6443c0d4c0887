import type { AuditEntry } from "../contract/audit-entry.ts";
import { type LogFault, logFault } from "./faults.ts";

/**
 * How far back an entry's times may lie behind the one before. An event is stamped when it arrives and may wait in a
 * queue while a later one is written; a step of more than this makes a clock unusable anyway.
 */
export const backwardsMsMax = 2_000;

/** What the next entry is held against. */
export interface Order {
  readonly nextSeq: number;
  readonly last: { readonly boot: string; readonly monoNs: bigint; readonly utcMs: number } | null;
  readonly endedBoots: ReadonlySet<string>;
}

export const orderAtStart: Order = { nextSeq: 0, last: null, endedBoots: new Set() };

/**
 * Numbers, runs and clocks of one entry after the other. The latest time of a run is kept, not the last one, so that
 * many small steps back are seen as well as one large one.
 */
export function followOrder(
  order: Order,
  entry: AuditEntry,
): { readonly order: Order; readonly faults: readonly LogFault[] } {
  const faults: LogFault[] = [];
  const { seq } = entry;
  if (seq > order.nextSeq) {
    const missing = seq - order.nextSeq;
    const words =
      missing === 1 ? `entry ${order.nextSeq} is missing` : `entries ${order.nextSeq} to ${seq - 1} are missing`;
    faults.push(logFault("seq-gap", order.nextSeq, words, seq - 1));
  } else if (seq === order.nextSeq - 1) {
    faults.push(logFault("seq-repeated", seq, `entry ${seq} stands there twice`));
  } else if (seq < order.nextSeq) {
    faults.push(logFault("seq-order", seq, `entry ${seq} stands after entry ${order.nextSeq - 1}`));
  }
  // An entry out of its place says nothing about clocks: its own fault is named already.
  if (seq < order.nextSeq) return { order, faults };

  const utcMs = Date.parse(entry.t);
  const monoNs = BigInt(entry.mono);
  const { last } = order;
  let { endedBoots } = order;
  let latest = { boot: entry.boot, monoNs, utcMs };
  if (last !== null) {
    if (last.boot === entry.boot) {
      if (last.monoNs - monoNs > BigInt(backwardsMsMax) * 1_000_000n) {
        faults.push(
          logFault("mono-backwards", seq, `the clock of this run went back from ${last.monoNs} to ${monoNs} ns`),
        );
      }
      if (last.monoNs > monoNs) latest = { ...latest, monoNs: last.monoNs };
    } else {
      endedBoots = new Set([...endedBoots, last.boot]);
      if (endedBoots.has(entry.boot)) {
        faults.push(logFault("boot-returns", seq, `an entry of the run ${entry.boot}, which was over`));
      }
    }
    const stepped = entry.action === "clock.step";
    if (last.utcMs - utcMs > backwardsMsMax && !stepped) {
      const before = new Date(last.utcMs).toISOString();
      faults.push(
        logFault("clock-backwards", seq, `its time ${entry.t} lies before ${before}, and no clock.step says so`),
      );
    }
    if (last.utcMs > utcMs && !stepped) latest = { ...latest, utcMs: last.utcMs };
  }
  return { order: { nextSeq: seq + 1, last: latest, endedBoots }, faults };
}
