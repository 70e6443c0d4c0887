import type { AskResult } from "../edge-agent/contract/asks.ts";
import type { CareOrder } from "../edge-agent/contract/people.ts";
import { purposes } from "../edge-agent/contract/words.ts";
import type { AgentDesk } from "./ask-agent.ts";

const simulatedOrder: CareOrder = {
  breathing: { lowPerMin: 8, highPerMin: 24, forMs: 30_000 },
  leftBed: { afterMs: 10_000 },
  rateUnavailable: { afterMs: 60_000 },
  by: "DEMONSTRATION nurse",
  reason: "DEMONSTRATION",
};

export interface Invitations {
  readonly nurse: { readonly code: string; readonly expiresAt: number };
  readonly bedside: { readonly code: string; readonly expiresAt: number };
}

/**
 * A made-up person in the bed, to whom both purposes were offered. Nothing is turned on: that is the touch on the bedside
 * screen. Ends the stay of an earlier demonstration, and with it what was allowed then.
 */
export async function setUpDemonstration(desk: AgentDesk, bed: string): Promise<Invitations> {
  const admitted = await desk.ask({ do: "admit", bed, label: "DEMONSTRATION", demonstration: true });
  if (admitted.is !== "stay") throw new Error(`admit was answered with "${admitted.is}"`);
  const { stay } = admitted;
  for (const purpose of purposes) await desk.ask({ do: "offer", bed, stay, purpose });
  await desk.ask({ do: "order", bed, stay, order: simulatedOrder });
  return {
    nurse: code(await desk.ask({ do: "invite-staff", name: "DEMONSTRATION nurse", role: "nurse" })),
    bedside: code(await desk.ask({ do: "invite-bedside", bed })),
  };
}

export function code(result: AskResult): { code: string; expiresAt: number } {
  if (result.is !== "code") throw new Error(`an invitation was answered with "${result.is}"`);
  return { code: result.code, expiresAt: result.expiresAt };
}
