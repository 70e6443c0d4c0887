import { nothingOrdered } from "../../edge-agent/contract/people.ts";
import { type BrokerLink, connectBroker } from "../../edge-agent/platform/connect.ts";
import { readCredential } from "../../edge-agent/platform/keys.ts";
import { newLog } from "../../edge-agent/platform/log.ts";
import { type RunningWard, runWard, type WardPlan } from "../../tests/running-ward.ts";
import { freePort } from "../free-port.ts";
import { type RoomKind, sensorsOf } from "./rooms.ts";

/** A ward of real processes in which every bed's sensors may stream; the benchmark plays its bridges. */
export interface BenchWard {
  readonly ward: RunningWard;
  readonly kinds: readonly RoomKind[];
  readonly nurse: string;
  readonly link: BrokerLink;
  /** Text of `GET /metrics`. */
  metricsOf(process: "agent" | "dashboard"): Promise<string>;
  stop(): Promise<void>;
}

export async function openBenchWard(
  kinds: readonly RoomKind[],
  more: Pick<WardPlan, "mosquitto"> = {},
): Promise<BenchWard> {
  const ports = await Promise.all([0, 0].map((port) => freePort("127.0.0.1", port)));
  const metrics = { agentPort: ports[0] ?? null, dashboardPort: ports[1] ?? null };
  const rooms = kinds.map((kind, n) => sensorsOf(kind, n + 1));
  const ward = await runWard({ sensors: [], rooms, bridges: false, site: { metrics }, ...more });
  try {
    const nurse = await ward.signInNurse();
    for (const [n, kind] of kinds.entries()) {
      const bed = `room-${n + 1}`;
      const { stay, bedside } = await ward.admit(bed);
      if (kind === "module") {
        const order = { ...nothingOrdered, leftBed: { afterMs: 5_000 }, by: "Jo Lane", reason: "a benchmark" };
        await ward.setUp({ do: "order", bed, stay, order: { ...order, untilUtcMs: Date.now() + 7_200_000 } });
      }
      await ward.turnOn(bed, stay, bedside);
    }
    await ward.release();
    ward.start("dashboard");
    const link = connectBroker({
      url: `mqtt://127.0.0.1:${ward.site.brokers.framesPort}`,
      clientId: "unit-1",
      username: "unit-1",
      password: readCredential(ward.dataDir, "unit-1"),
      log: newLog("bench", () => {}),
    });
    await ward.until("the frames broker", () => link.state === "connected");
    return {
      ward,
      kinds,
      nurse,
      link,
      metricsOf: async (process) => {
        const port = process === "agent" ? metrics.agentPort : metrics.dashboardPort;
        return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      },
      stop: async () => {
        await link.stop();
        await ward.stop();
      },
    };
  } catch (cause) {
    await ward.stop();
    throw cause;
  }
}
