import { brokerAdmin } from "../../edge-agent/contract/brokers-config.ts";
import { type RunningWard, runWard } from "../../tests/running-ward.ts";
import { NurseScreen } from "./nurse-screen.ts";
import { OwnBroker } from "./own-broker.ts";

export const victims = ["agent", "bridge", "dashboard", "frames broker", "control broker"] as const;
export type Victim = (typeof victims)[number];

/** One bed's person and the session of the screen beside it. */
export interface Person {
  readonly bed: string;
  readonly stay: string;
  readonly bedside: string;
}

/** Agent, bridge, two mosquittos and dashboard as they run in a ward; any of them can be killed, and is started again as a service manager would. */
export interface StruckWard {
  readonly ward: RunningWard;
  readonly url: string;
  readonly nurse: string;
  readonly screen: NurseScreen;
  /** Monitored all the time; stops and goes on; never asked. */
  readonly people: { readonly steady: Person; readonly pausing: Person; readonly never: Person };
  kill(victim: Victim): Promise<void>;
  start(victim: Victim): void;
  close(): Promise<void>;
}

const observation = {
  level: "intermittent-high",
  everyMinutes: 15,
  by: "Jo Lane",
  reason: "faults",
  reviewAfterHours: 24,
} as const;

export async function openStruckWard(seed: number): Promise<StruckWard> {
  const brokers = new Map<Victim, OwnBroker>();
  const closeBrokers = async (): Promise<void> => {
    for (const broker of brokers.values()) await broker.close();
  };
  const ward = await runWard({
    sensors: [1, 2, 3].map((n) => ({
      port: { via: "simulated", seed: seed + n, scene: "asleep", speed: 1 } as const,
    })),
    mosquitto: ({ frames, control }, password) => {
      const admin = { name: brokerAdmin, password };
      brokers.set("frames broker", new OwnBroker(frames, admin));
      brokers.set("control broker", new OwnBroker(control, admin));
    },
  }).catch(async (cause: unknown) => {
    await closeBrokers();
    throw cause;
  });
  const url = `http://127.0.0.1:${ward.site.dashboard.port}`;
  let screen: NurseScreen | undefined;
  const close = async (): Promise<void> => {
    screen?.close();
    await ward.stop();
    await closeBrokers();
  };
  try {
    const nurse = await ward.signInNurse();
    const admit = async (bed: string): Promise<Person> => {
      const person = { bed, ...(await ward.admit(bed)) };
      await ward.setUp({ do: "observe", bed, stay: person.stay, observation });
      return person;
    };
    const people = {
      steady: await admit("room-1"),
      pausing: await admit("room-2"),
      never: await admit("room-3"),
    };
    for (const { bed, stay, bedside } of [people.steady, people.pausing]) await ward.turnOn(bed, stay, bedside);
    await ward.release();
    ward.start("dashboard");
    screen = new NurseScreen(url, nurse);
    screen.open();
    return {
      ...{ ward, url, nurse, screen, people, close },
      kill: async (victim) => (await brokers.get(victim)?.kill()) ?? (await ward.kill(victim)),
      start: (victim) => {
        const broker = brokers.get(victim);
        if (broker !== undefined) broker.start();
        else if (victim === "agent" || victim === "bridge" || victim === "dashboard") ward.start(victim);
      },
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}
