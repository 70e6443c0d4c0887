import type { RoomAsk } from "../../edge-agent/contract/asks.ts";
import type { Activation } from "../../edge-agent/contract/consent.ts";
import { type Actor, nothingOrdered } from "../../edge-agent/contract/people.ts";
import type { BedNight } from "./plan.ts";
import { nightSec } from "./plan.ts";
import { truthAt } from "./truth.ts";

/* What the people of the ward do in a scripted night: admit, offer, order, check. Alarms are answered elsewhere. */

export const inCharge: Actor = { kind: "staff", id: "n1", name: "Jo Lane", role: "nurse-in-charge" };
export const nurse: Actor = { kind: "staff", id: "n2", name: "Sam Reed", role: "nurse" };

export interface Deed {
  readonly atSec: number;
  readonly actor: Actor;
  readonly ask: RoomAsk;
}

/** All of a bed's deeds but its admission, which gives the stay its name. */
export function deedsOf({ bed, stay: plan, truth }: BedNight, stay: string, startUtcMs: number): readonly Deed[] {
  if (plan === null) return [];
  const person: Actor = { kind: "bedside", bed, stay };
  const deeds: Deed[] = [];
  const activation: Activation = {
    concern: "sleep-broken-by-checks",
    alternatives: ["checks-in-person-only"],
    words: null,
    reviewAfterHours: 168,
    hours: plan.hours,
    askAgainEveryHours: null,
  };
  for (const purpose of plan.purposes) {
    deeds.push({ atSec: 1, actor: nurse, ask: { do: "offer", bed, stay, purpose, activation } });
    deeds.push({ atSec: 2, actor: person, ask: { do: "turn-on", bed, stay, purpose } });
  }
  if (plan.order !== null) {
    const { parts, untilSec } = plan.order;
    const order = {
      ...nothingOrdered,
      ...parts,
      untilUtcMs: startUtcMs + 1_000 * untilSec,
      by: inCharge.kind === "staff" ? inCharge.name : "",
      reason: "a scripted night",
    };
    deeds.push({ atSec: 3, actor: inCharge, ask: { do: "order", bed, stay, order } });
  }
  const { everyMinutes, missed } = plan.checks;
  const level = everyMinutes < 30 ? "intermittent-high" : "intermittent-low";
  const by = inCharge.kind === "staff" ? inCharge.name : "";
  const observation = { level, everyMinutes, by, reason: "a scripted night", reviewAfterHours: 24 } as const;
  deeds.push({ atSec: checksOrderedAtSec, actor: inCharge, ask: { do: "observe", bed, stay, observation } });
  for (let window = 0; ; window++) {
    // Never on the dot, and another time in each.
    const share = 0.35 + 0.5 * ((window * 0.618) % 1);
    const atSec = Math.round(checksOrderedAtSec + (window + share) * everyMinutes * 60);
    if (atSec >= nightSec) break;
    if (missed.includes(window)) continue;
    const { doing } = truthAt(truth, atSec);
    const seen = {
      where: doing === "away" ? "bathroom" : doing === "standing" || doing === "floor" ? "bedroom" : "in-bed",
      how: doing === "asleep" ? "asleep-breathing-seen" : "awake",
      engagement: null,
      concern: null,
    } as const;
    deeds.push({
      atSec,
      actor: nurse,
      ask: { do: "check", bed, stay, seen, seenAtUtcMs: null, lateBecause: null, supersedes: null },
    });
  }
  if (plan.stopsAtSec !== null) {
    deeds.push({ atSec: plan.stopsAtSec, actor: person, ask: { do: "stop-everything", bed, stay } });
  }
  return deeds;
}
export const checksOrderedAtSec = 4;
