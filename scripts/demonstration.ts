import type { AskResult } from "../edge-agent/contract/asks.ts";
import type { BedConfig } from "../edge-agent/contract/config.ts";
import { type Activation, commonNeeds } from "../edge-agent/contract/consent.ts";
import { type CareOrder, nothingOrdered } from "../edge-agent/contract/people.ts";
import { sensingPurposes } from "../edge-agent/contract/words.ts";
import type { AgentDesk } from "./ask-agent.ts";

const simulatedOrder: CareOrder = {
  ...nothingOrdered,
  breathing: { lowPerMin: 8, highPerMin: 24, forMs: 30_000, qualityMin: 0 },
  leftBed: { afterMs: 10_000 },
  notBack: { afterMs: 600_000 },
  onFloor: { afterMs: 5_000 },
  secondPerson: { afterMs: 120_000 },
  rateUnavailable: { afterMs: 60_000 },
  by: "DEMONSTRATION nurse",
  reason: "DEMONSTRATION",
};

const madeUpActivation: Activation = {
  concern: "sleep-broken-by-checks",
  alternatives: ["checks-in-person-only"],
  words: "DEMONSTRATION",
  reviewAfterHours: 7 * 24,
  hours: null,
  askAgainEveryHours: null,
};

export interface Invitations {
  readonly nurse: { readonly code: string; readonly expiresAt: number };
  readonly bedside: { readonly code: string; readonly expiresAt: number };
}

/**
 * A made-up person in each bed, to whom both purposes were offered. In the first bed nothing is turned on: that is the touch
 * on the bedside screen. In the others the made-up people have touched theirs. Ends the stays of an earlier demonstration, and
 * with them what was allowed then.
 *
 * @param touches how a made-up person of another bed turns both purposes on, with the code for their bedside screen
 */
export async function setUpDemonstration(
  desk: AgentDesk,
  beds: readonly Pick<BedConfig, "bed" | "sensors">[],
  touches: (code: string, stay: { bed: string; stay: string }) => Promise<void>,
): Promise<Invitations> {
  const [first, ...others] = beds;
  if (first === undefined) throw new Error("a ward has a bed");
  await admitMadeUp(desk, first.bed);
  const bedside = code(await desk.ask({ do: "invite-bedside", bed: first.bed }));
  for (const { bed, sensors } of others) {
    // Beside a sensor that could see a real person nobody is made up.
    if (sensors.some(({ source }) => source === null)) continue;
    const stay = await admitMadeUp(desk, bed);
    const own = code(await desk.ask({ do: "invite-bedside", bed }));
    await touches(own.code, { bed, stay });
  }
  return {
    nurse: code(await desk.ask({ do: "invite-staff", name: "DEMONSTRATION nurse", role: "nurse" })),
    bedside,
  };
}

async function admitMadeUp(desk: AgentDesk, bed: string): Promise<string> {
  const admitted = await desk.ask({
    do: "admit",
    bed,
    label: "DEMONSTRATION",
    demonstration: true,
    adult: true,
    needs: commonNeeds,
  });
  if (admitted.is !== "stay") throw new Error(`admit was answered with "${admitted.is}"`);
  const { stay } = admitted;
  for (const purpose of sensingPurposes)
    await desk.ask({ do: "offer", bed, stay, purpose, activation: madeUpActivation });
  await desk.ask({ do: "order", bed, stay, order: simulatedOrder });
  return stay;
}

export function code(result: AskResult): { code: string; expiresAt: number } {
  if (result.is !== "code") throw new Error(`an invitation was answered with "${result.is}"`);
  return { code: result.code, expiresAt: result.expiresAt };
}
