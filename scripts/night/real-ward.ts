import { nothingOrdered } from "../../edge-agent/contract/people.ts";
import { type RunningWard, runWard, type WardPlan } from "../../tests/running-ward.ts";
import type { RealBed } from "./real-plan.ts";

/** A bed whose sensors stream. */
export interface RunningBed extends RealBed {
  readonly bed: string;
  /** When its sensors began, ms since 1970. */
  readonly beganUtcMs: number;
}

/** Agent, bridge, brokers and dashboard as they run in a ward; orders and consent by the asks that pages use. */
export async function openRealWard(
  beds: readonly RealBed[],
  more: Partial<WardPlan> = {},
): Promise<{ readonly ward: RunningWard; readonly running: readonly RunningBed[]; readonly nurse: string }> {
  const [first] = beds;
  const beside = first?.sensors[1];
  const ward = await runWard({
    sensors: beds.map(({ sensors }) => sensors[0] ?? {}),
    ...(beside === undefined ? {} : { beside }),
    ...more,
  });
  try {
    const nurse = await ward.signInNurse();
    const began = new Map<string, number>();
    for (const [n, { parts }] of beds.entries()) {
      const bed = `room-${n + 1}`;
      const { stay, bedside } = await ward.admit(bed);
      const order = { ...nothingOrdered, ...parts, by: "Jo Lane", reason: "a night tried for real" };
      await ward.setUp({ do: "order", bed, stay, order: { ...order, untilUtcMs: Date.now() + 7_200_000 } });
      await ward.turnOn(bed, stay, bedside);
      const tile = await ward.until(`${bed} to stream`, () => {
        const newest = ward.history.find((one) => one.bed === bed && one.engineering.framesAccepted > 0);
        return newest;
      });
      // From its first frames: 10 or 20 of them a second.
      began.set(bed, tile.at - (tile.dataAgeMs ?? 0) - 1_000 * firstFramesSec(tile.engineering.framesAccepted));
    }
    await ward.release();
    ward.start("dashboard");
    const running = beds.map((plan, n) => {
      const bed = `room-${n + 1}`;
      return { ...plan, bed, beganUtcMs: began.get(bed) ?? Number.NaN };
    });
    return { ward, running, nurse };
  } catch (cause) {
    await ward.stop();
    throw cause;
  }
}

const firstFramesSec = (frames: number): number => frames / 10;

/** Resolves once the dashboard answers. */
export async function untilServed(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (tries > 150) throw new Error(`no dashboard at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
