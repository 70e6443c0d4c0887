import { neverOffered } from "../edge-agent/contract/consent.ts";
import type { AuditIntent, StoreRow } from "../edge-agent/contract/door.ts";
import { nothingOrdered } from "../edge-agent/contract/people.ts";
import { historySpanMs } from "../edge-agent/contract/person-history.ts";
import type { ConsentState, NoRateReason, Purpose } from "../edge-agent/contract/words.ts";
import type { WardRecords } from "../edge-agent/records/ward.ts";
import { activation } from "./core-driver.ts";

/*
 * Twelve made-up hours of one person: asleep with restless minutes, once out of bed with an alert, a while in which breathing
 * could not be seen, a while without a sensor, and one minute of fast breathing.
 */

const minuteMs = 60_000;
const by = { kind: "staff", id: "s1", name: "Amina Khan", role: "nurse-in-charge" } as const;
const intent = (action: AuditIntent["action"]): AuditIntent => ({
  action,
  actor: by,
  outcome: 0,
  detail: {},
  phi: null,
});

type Fact = Pick<Extract<StoreRow, { table: "fact" }>, "occupancy" | "movement" | "breathingPerMin" | "reason">;

/** @param minute of the twelve hours. Null: nothing was recorded. */
function factAt(minute: number): Fact | null {
  if (minute < 40 || (minute >= 480 && minute < 500)) return null;
  const none = (reason: NoRateReason, movement: number, occupancy: Fact["occupancy"] = "in-bed"): Fact => ({
    occupancy,
    movement,
    breathingPerMin: null,
    reason,
  });
  if (minute >= 250 && minute < 264) return none("nobody-in-bed", 0, "empty");
  if (minute < 58 || minute % 37 < 2) return none("moving", 70 + 20 * Math.sin(minute * 7));
  if (minute % 37 < 3 || (minute >= 264 && minute < 266)) return none("learning", 12);
  if (minute >= 400 && minute < 424) return none("cannot-see-breathing", 6);
  const slow = 15 + 2 * Math.sin(minute / 41) + 0.8 * Math.sin(minute / 3.1) + 0.4 * Math.sin(minute * 12.9);
  const rate = minute >= 610 && minute < 611 ? 27 : slow;
  return {
    occupancy: "in-bed",
    movement: 3 + 3 * Math.abs(Math.sin(minute * 1.7)),
    breathingPerMin: rate,
    reason: null,
  };
}

export function recordNight(
  records: WardRecords,
  { stay, bed, nowUtcMs, everyMs }: { stay: string; bed: string; nowUtcMs: number; everyMs: number },
): void {
  const fromUtcMs = nowUtcMs - historySpanMs;
  const at = (minute: number): number => Math.round(fromUtcMs + minute * minuteMs);
  const stamp = { utcMs: nowUtcMs, monoNs: 1n };
  const consent = (purpose: Purpose, state: ConsentState): StoreRow => ({
    table: "consent",
    stay,
    consent: { ...neverOffered, purpose, state, sinceUtcMs: at(38), untilUtcMs: nowUtcMs + 86_400_000 },
    atUtcMs: at(38),
    by: "the person",
    byPerson: state === "granted",
    record: state === "offered" ? activation : null,
  });
  const purposes = ["breathing-rate", "movement-alerts"] as const;
  const begun: StoreRow[] = [
    { table: "stay", id: stay, bed, label: "A.B.", demonstration: false, startedAtUtcMs: at(-90) },
    ...purposes.flatMap((purpose) => [consent(purpose, "offered"), consent(purpose, "granted")]),
  ];
  records.commit([intent("stay.admit")], begun, stamp);
  const facts: StoreRow[] = [];
  for (let ms = 0; ms < historySpanMs; ms += everyMs) {
    const found = factAt(ms / minuteMs);
    if (found === null) continue;
    const rate = found.breathingPerMin;
    const interval = rate === null ? [null, null] : [rate - 1.6, rate + 1.4 + Math.abs(Math.sin(ms))];
    const [lowPerMin = null, highPerMin = null] = interval;
    const more = { lowPerMin, highPerMin, quality: 0.9, place: null, people: null };
    facts.push({ table: "fact", stay, atUtcMs: fromUtcMs + ms, ...found, ...more });
  }
  const seen = { where: "in-bed", how: "asleep-breathing-seen", engagement: null, concern: null } as const;
  const checks = Array.from({ length: 12 }, (_, hour): StoreRow => {
    const seenUtcMs = at(hour * 60 + 20 + 7 * Math.sin(hour * 5));
    const check = { id: `check-${hour}`, stay, level: "intermittent-low", by: { id: "s1", name: "Sam Reed" } } as const;
    const rest = { seenUtcMs, recordedUtcMs: seenUtcMs + 20_000, seen, retrospective: null, supersedes: null };
    return { table: "check", check: { ...check, ...rest } };
  });
  const alarm: StoreRow = {
    table: "alarm",
    alarm: {
      id: `${bed}-7`,
      stay,
      condition: "left-bed",
      priority: "medium",
      presence: "off",
      raisedAtUtcMs: at(260),
      clearedAtUtcMs: at(264),
      acknowledged: { name: "Sam Reed", atUtcMs: at(261) },
      audited: true,
      escalation: 0,
      raisings: 1,
      outcome: null,
    },
  };
  const order: StoreRow = {
    table: "order",
    stay,
    order: {
      ...nothingOrdered,
      breathing: { lowPerMin: 10, highPerMin: 24, forMs: 30_000, qualityMin: 0 },
      leftBed: { afterMs: 600_000 },
      by: "Amina Khan",
      reason: "Started a new medicine that can slow breathing",
    },
    atUtcMs: at(45),
  };
  records.commit([intent("stay.admit")], [...facts, ...checks, alarm, order], stamp);
}
