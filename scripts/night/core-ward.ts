import "../trial-data-key.ts";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlarmPolicy } from "../../edge-agent/contract/alarm-policy.ts";
import { ConsentPolicy } from "../../edge-agent/contract/consent.ts";
import type { AuditIntent, CoreEvent, Effect } from "../../edge-agent/contract/door.ts";
import type { FrameKind } from "../../edge-agent/contract/frames.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import { monoMs } from "../../edge-agent/contract/units.ts";
import type { RoomConfig } from "../../edge-agent/core.ts";
import { Loop } from "../../edge-agent/loop.ts";
import { signerOf } from "../../edge-agent/records/open-ward.ts";
import { WardRecords } from "../../edge-agent/records/ward.ts";
import type { BedNight } from "./plan.ts";

/*
 * The agent's own loop, cores and database, in one process whose clock the night turns: what they would send to bridges, models and
 * screens goes to whoever plays these.
 */

const modelOf = {
  depth: "sim-depth-8x8",
  "radar-iq": "acconeer-a121",
  "radar-vitals": "seeed-mr60bha2",
  "radar-targets": "hilink-ld2410",
} as const satisfies Record<FrameKind, RoomConfig["sensors"][number]["model"]>;

/** Above the bed, looking down. */
const placement = {
  at: { xMm: 0, yMm: 200, zMm: 2_000 },
  towards: { xMm: 0, yMm: 200, zMm: 500 },
  bed: { lengthMm: 2_000, widthMm: 900, topMm: 500 },
};
export const limits = { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 };
export const alarmPolicy = AlarmPolicy.parse({});
export const consentPolicy = ConsentPolicy.parse({});

type Unstamped<T> = T extends CoreEvent ? Omit<T, "at" | "utcMs"> : never;
type Of<Kind extends Effect["kind"]> = Extract<Effect, { kind: Kind }>;

/** Who plays the world outside. */
export interface Outside {
  lease(lease: Of<"lease">): void;
  stopSensor(bed: string): void;
  infer(bed: string, asked: { readonly request: number; readonly model: string }): void;
  publish(tile: Tile): void;
  audited(intent: AuditIntent): void;
  answer(answer: Of<"answer">): void;
}

export class CoreWard {
  /** Of the night, ms. */
  nowMs = 0;
  private readonly startUtcMs: number;
  private readonly rooms: readonly RoomConfig[];
  private readonly outside: Outside;
  private readonly folder: string;
  private readonly key = generateKeyPairSync("ed25519");
  private agentStartedMs = 0;
  private records: WardRecords;
  private loop: Loop;
  private begun = 0;

  constructor(startUtcMs: number, beds: readonly BedNight[], outside: Outside) {
    this.startUtcMs = startUtcMs;
    this.outside = outside;
    const calibration = Object.fromEntries(
      ["displacement-rate", "radar-breathing", "radar-breathing-30s"].map((name) => [name, calibrationOf(name)]),
    );
    this.rooms = beds.map(({ bed, sensors }) => ({
      bed,
      bedName: bed.replace("room-", "Room "),
      sensorModel: sensors.map((kind) => modelOf[kind]).join(" + "),
      sensors: sensors.map((kind) => ({
        sensor: kind,
        model: modelOf[kind],
        kind,
        placement: kind === "depth" ? placement : null,
      })),
      calibration,
      source: "simulated",
      statedOccupancy: null,
      limits,
      consent: consentPolicy,
      alarms: alarmPolicy,
      promptSeed: `a night in ${bed}`,
    }));
    // Half a million commits that each wait for a disk would be a test of the disk.
    const memory = "/dev/shm";
    this.folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "quietround-night-"));
    this.records = this.openRecords();
    this.loop = this.newLoop();
  }

  get utcMs(): number {
    return this.startUtcMs + this.nowMs;
  }
  /** Time in the core, ms. */
  get coreMs(): number {
    return this.begun + this.loop.coreMs;
  }

  start(): void {
    this.loop.start();
  }
  tick(): void {
    this.loop.tick();
    this.records.checkpointIfDirty();
  }
  feed(bed: string, event: Unstamped<CoreEvent>): void {
    this.loop.feed(bed, event);
  }

  /** The process is gone, with all that it held in memory; nothing reaches it until it starts again. */
  kill(): void {
    this.begun = this.coreMs;
    this.records.close();
  }
  restart(): void {
    this.agentStartedMs = this.nowMs;
    this.records = this.openRecords();
    this.loop = this.newLoop();
    this.loop.start();
  }

  end(): void {
    this.loop.stop();
    this.records.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private newLoop(): Loop {
    const { records, outside } = this;
    return new Loop({
      rooms: this.rooms,
      store: {
        commit: (intents, rows, stamp) => {
          records.commit(intents, rows, stamp);
          for (const intent of intents) outside.audited(intent);
        },
        restoreRoom: (bed) => records.restoreRoom(bed),
      },
      reserve: { keep: () => false, clear: () => {} },
      now: () => {
        const at = this.nowMs - this.agentStartedMs;
        // The loop measures itself with this one.
        return { at: monoMs(at), utcMs: this.utcMs, monoNs: process.hrtime.bigint() };
      },
      frameQueueMax: 64,
      onStore: (state, cause) => {
        throw new Error(`the ward's records: ${state}`, { cause });
      },
      shell: {
        lease: (lease) => outside.lease(lease),
        stopSensor: (bed) => outside.stopSensor(bed),
        infer: (bed, request, model) => outside.infer(bed, { request, model }),
        unpack: (bed) => {
          throw new Error(`${bed} sends nothing packed`);
        },
        publish: (tile) => outside.publish(tile),
        estimate: () => {},
        answer: (answer) => outside.answer(answer),
      },
    });
  }

  private openRecords(): WardRecords {
    const log = {
      origin: "w7.example.nhs.uk/audit/2026",
      sign: signerOf(this.key.privateKey),
      publicKey: this.key.publicKey,
      boot: randomUUID(),
      cfgSha256: "a".repeat(64),
      modelSha256: null,
    };
    const records = new WardRecords(join(this.folder, "ward.sqlite"), log, consentPolicy.timeZone);
    records.start();
    return records;
  }
}

function calibrationOf(model: string): unknown {
  const card = new URL(`../../models/${model}/card.json`, import.meta.url);
  return (JSON.parse(readFileSync(card, "utf8")) as { calibrated?: unknown }).calibrated;
}
