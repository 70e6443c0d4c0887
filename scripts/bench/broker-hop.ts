import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { doorCommands } from "../../edge-agent/broker/mosquitto-door.ts";
import { encodeEnvelope, readEnvelope } from "../../edge-agent/contract/frames.ts";
import { topics } from "../../edge-agent/contract/topics.ts";
import { deviceUs, utcMs } from "../../edge-agent/contract/units.ts";
import { haveMosquitto, linkTo, startBareMosquitto, startWardMosquitto } from "../../tests/mosquitto-broker.ts";
import { cpuMsOf, residentMiBOf, round, type Spread, spreadOf } from "./figures.ts";
import { mixOf, type RoomKind, type Stream } from "./rooms.ts";

export const hopWard = { trust: "rxx", site: "oak", ward: "willow" } as const;
export const hopSensors = (rooms: number): readonly string[] =>
  Array.from({ length: rooms }, (_, n) => [`radar-${n + 1}`, `depth-${n + 1}`]).flat();

export interface Hop {
  readonly broker: "embedded" | "mosquitto";
  readonly rooms: number;
  readonly hopMs: Spread;
  readonly framesSent: number;
  readonly framesLost: number;
  readonly cpuPercent: number;
  readonly residentMiB: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The same frames at the same pace through each broker, in a process of its own. Without mosquitto on the machine only ours. */
export async function measureHops(
  rooms: number,
  measureMs: number,
  streams: Readonly<Record<RoomKind, readonly Stream[]>>,
): Promise<readonly Hop[]> {
  const program = fileURLToPath(new URL("broker-child.ts", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  const hops: Hop[] = [];
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { framesPort } = JSON.parse(line) as { framesPort: number };
    hops.push(await hop("embedded", rooms, measureMs, streams, framesPort, child.pid ?? -1));
  } finally {
    child.kill("SIGKILL");
  }
  if (!haveMosquitto) return hops;
  const started: { pid: number }[] = [];
  const mosquitto = await startWardMosquitto(hopWard, "unit-1", (ports, admin) => {
    const broker = startBareMosquitto(ports, admin);
    started.push(broker);
    return broker;
  });
  try {
    const commands = doorCommands(hopWard, { device: "unit-1", sensors: hopSensors(rooms) }, "open");
    await mosquitto.tell(JSON.stringify({ commands }));
    hops.push(await hop("mosquitto", rooms, measureMs, streams, mosquitto.framesPort, started[0]?.pid ?? -1));
  } finally {
    await mosquitto.stop();
  }
  return hops;
}

async function hop(
  broker: Hop["broker"],
  rooms: number,
  measureMs: number,
  streams: Readonly<Record<RoomKind, readonly Stream[]>>,
  port: number,
  pid: number,
): Promise<Hop> {
  const topic = topics(hopWard);
  const agent = linkTo(port, "agent", "agent");
  const unit = linkTo(port, "unit-1", "unit-1");
  const sentAt = new Map<number, number>();
  const hopMs: number[] = [];
  agent.subscribe(topic.anyFrame, 0, (_name, payload) => {
    const read = readEnvelope(payload);
    const at = read.ok ? sentAt.get(read.value.header.sequence) : undefined;
    if (!read.ok || at === undefined) return;
    sentAt.delete(read.value.header.sequence);
    hopMs.push(performance.now() - at);
  });
  try {
    for (let tries = 0; agent.state !== "connected" || unit.state !== "connected"; tries++) {
      if (tries > 500) throw new Error(`the ${broker} broker lets nobody in`);
      await sleep(20);
    }
    const begunAt = performance.now() + 300;
    const lines = mixOf(rooms).flatMap((kind, room) =>
      streams[kind].map((stream) => ({
        ...stream,
        name: topic.frame("unit-1", `${stream.sensor}-${room + 1}`, stream.kind),
        dueMs: begunAt + (stream.everyMs * room) / rooms,
        sent: 0,
      })),
    );
    const cpuBefore = cpuMsOf(pid);
    let sequence = 0;
    while (performance.now() < begunAt + measureMs) {
      const now = performance.now();
      for (const line of lines) {
        for (; line.dueMs <= now; line.dueMs += line.everyMs) {
          const payload = line.payloads[line.sent++ % line.payloads.length] ?? new Uint8Array();
          const header = { kind: line.kind, bootId: "ab".repeat(16), sequence, deviceUs: deviceUs(0) };
          sentAt.set(sequence++, performance.now());
          const bytes = encodeEnvelope({ ...header, capturedAt: utcMs(Date.now()) }, payload);
          void unit.publish(line.name, bytes, { qos: 0, dropWhenOffline: true });
        }
      }
      await sleep(2);
    }
    const tookMs = performance.now() - begunAt;
    const cpuPercent = round((100 * (cpuMsOf(pid) - cpuBefore)) / tookMs);
    const residentMiB = residentMiBOf(pid);
    for (let tries = 0; sentAt.size > 0 && tries < 100; tries++) await sleep(20);
    return {
      broker,
      rooms,
      hopMs: spreadOf(hopMs),
      framesSent: sequence,
      framesLost: sentAt.size,
      cpuPercent,
      residentMiB,
    };
  } finally {
    await Promise.all([agent.stop(), unit.stop()]);
  }
}
