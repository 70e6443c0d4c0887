import "../trial-data-key.ts";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlarmPolicy } from "../../edge-agent/contract/alarm-policy.ts";
import { ConsentPolicy } from "../../edge-agent/contract/consent.ts";
import type { AuditIntent, CoreEvent, Effect, StoreRow } from "../../edge-agent/contract/door.ts";
import type { FrameKind } from "../../edge-agent/contract/frames.ts";
import type { LeaseMessage } from "../../edge-agent/contract/lease.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import { monoMs, utcMs } from "../../edge-agent/contract/units.ts";
import type { CoreState, RoomConfig } from "../../edge-agent/core.ts";
import { LeaseOffice } from "../../edge-agent/io/lease-office.ts";
import { ReserveFile } from "../../edge-agent/io/withdrawal-reserve.ts";
import { Loop } from "../../edge-agent/loop.ts";
import { judgeClock } from "../../edge-agent/platform/clock.ts";
import { signerOf } from "../../edge-agent/records/open-ward.ts";
import { StoreError } from "../../edge-agent/records/store-error.ts";
import { WardRecords } from "../../edge-agent/records/ward.ts";
import type { HistoryPlan } from "./plan.ts";

/*
 * The agent's parts as main puts them together, in one process: loop, cores, database, reserve of withdrawals, office of leases, watch over
 * the clock. The clock, the disk, the network, the models' answers and the moment of a kill are played.
 */

const modelOf = {
  depth: "sim-depth-8x8",
  "radar-iq": "acconeer-a121",
  "radar-vitals": "seeed-mr60bha2",
  "radar-targets": "hilink-ld2410",
} as const satisfies Record<FrameKind, RoomConfig["sensors"][number]["model"]>;
const consent = ConsentPolicy.parse({});
const alarms = AlarmPolicy.parse({});
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

type Unstamped<T> = T extends CoreEvent ? Omit<T, "at" | "utcMs"> : never;
type Of<Kind extends Effect["kind"]> = Extract<Effect, { kind: Kind }>;

/** What leaves the agent. */
export interface Outside {
  tellBridge(bed: string, message: LeaseMessage): void;
  infer(bed: string, request: number, model: string): void;
  publish(tile: Tile): void;
  answer(answer: Of<"answer">): void;
}

export interface Committed {
  readonly intents: readonly AuditIntent[];
  readonly rows: readonly StoreRow[];
}

export class SimWard {
  /** Of the world; nobody can step it. */
  nowMs = 0;
  /** What the wall says beside it. */
  wallOffsetMs = 0;
  /** The clock on the wall stands still since then. */
  stuckSinceMs: number | null = null;
  driftPpm = 0;
  /** While true no commit reaches the disk. */
  diskFails = false;
  /** At the next commit the process is gone, with it on the disk or without. */
  diesAt: "before" | "after" | null = null;
  alive = true;
  /** Since when a commit has failed and none succeeded. */
  failingSinceMs: number | null = null;
  clockFaultAtMs = Number.NEGATIVE_INFINITY;
  readonly committed: Committed[] = [];
  /** A commit that tests want changed. */
  onCommit: (what: Committed) => Committed = (what) => what;
  readonly key = generateKeyPairSync("ed25519");
  readonly file: string;
  private readonly folder: string;
  private readonly plan: HistoryPlan;
  private readonly rooms: readonly RoomConfig[];
  private readonly outside: Outside;
  private agentStartedMs = 0;
  private boots = 0;
  private records: WardRecords;
  private reserve: ReserveFile;
  private office: LeaseOffice;
  private loop: Loop;
  private readings: { readonly monoMs: number; readonly utcMs: number }[] = [];

  constructor(plan: HistoryPlan, outside: Outside) {
    this.plan = plan;
    this.outside = outside;
    this.rooms = plan.beds.map(({ bed, sensor }) => ({
      bed,
      bedName: bed,
      sensorModel: modelOf[sensor],
      sensors: [{ sensor, model: modelOf[sensor], kind: sensor, placement: null }],
      calibration,
      source: "simulated",
      statedOccupancy: null,
      limits: { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 },
      consent,
      alarms,
      promptSeed: `history ${plan.seed} ${bed}`,
    }));
    const memory = "/dev/shm";
    this.folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "quietround-simulation-"));
    this.file = join(this.folder, "ward.sqlite");
    this.reserve = this.newReserve();
    this.records = this.openRecords();
    this.office = this.newOffice();
    this.loop = this.newLoop();
  }

  start(): void {
    this.loop.start();
  }

  get utcMs(): number {
    const at = this.stuckSinceMs ?? this.nowMs;
    return Math.round(this.plan.startUtcMs + this.wallOffsetMs + at * (1 + this.driftPpm / 1e6));
  }
  private get monoMs(): number {
    return this.nowMs - this.agentStartedMs;
  }

  core(bed: string): CoreState {
    // The simulation looks into the house; nobody else does.
    const places = (this.loop as unknown as { places: ReadonlyMap<string, { readonly core: CoreState }> }).places;
    const place = places.get(bed);
    if (place === undefined) throw new Error(`there is no ${bed}`);
    return place.core;
  }

  feed(bed: string, event: Unstamped<CoreEvent>): void {
    if (!this.alive) return;
    this.loop.feed(bed, event);
  }

  /** Once a second: the loop's turn, the watch over the clock, the checkpoint. */
  tick(): void {
    if (!this.alive) return;
    const now = { monoMs: this.monoMs, utcMs: this.utcMs };
    const [first = now] = this.readings;
    const fault = judgeClock(this.readings.at(-1) ?? now, now) ?? judgeClock(first, now);
    this.readings = fault === undefined ? [...this.readings.slice(-59), now] : [now];
    if (fault !== undefined) {
      this.clockFaultAtMs = this.nowMs;
      this.loop.feedAll({ kind: "clock", steppedMs: Math.round(fault.steppedMs) });
    }
    this.loop.tick();
    if (!this.alive || this.diskFails) return;
    this.records.checkpointIfDirty();
  }

  brokerAdmits(bed: string): boolean {
    const place = this.plan.beds.find((one) => one.bed === bed);
    return this.alive && place !== undefined && this.office.admits(place.device, place.sensor);
  }

  /** Nothing of it reaches anybody any more; what was committed is on the disk. */
  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    // A process that is killed signs nothing on its way out.
    (this.records as unknown as { state: string }).state = "failed";
    this.records.close();
  }

  restart(): void {
    if (this.alive) return;
    this.alive = true;
    this.agentStartedMs = this.nowMs;
    this.clockFaultAtMs = Number.NEGATIVE_INFINITY;
    this.failingSinceMs = null;
    this.readings = [];
    this.reserve = this.newReserve();
    this.records = this.openRecords();
    this.reserve.settle(
      this.store(),
      this.plan.beds.map(({ bed }) => bed),
      this.stamp(),
    );
    this.office = this.newOffice();
    this.loop = this.newLoop();
    this.loop.start();
  }

  /** In good order: what is leased ends with an entry. */
  end(): void {
    if (!this.alive) this.restart();
    this.loop.stop();
    this.records.close();
  }
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private stamp() {
    return { utcMs: this.utcMs, monoNs: BigInt(Math.round(this.monoMs * 1e6)) };
  }

  private store() {
    return {
      commit: (
        intents: readonly AuditIntent[],
        rows: readonly StoreRow[],
        stamp: { utcMs: number; monoNs: bigint },
      ) => {
        if (this.diesAt === "before") {
          this.diesAt = null;
          this.kill();
        }
        if (!this.alive) throw new StoreError("closed", "the process is gone");
        if (this.diskFails) {
          this.failingSinceMs ??= this.nowMs;
          throw new StoreError("disk-full", "as the history has it");
        }
        const what = this.onCommit({ intents, rows });
        this.records.commit(what.intents, what.rows, stamp);
        this.failingSinceMs = null;
        this.committed.push(what);
        if (this.diesAt === "after") {
          this.diesAt = null;
          this.kill();
        }
      },
      restoreRoom: (bed: string) => this.reserve.apply(this.records.restoreRoom(bed)),
    };
  }

  private newLoop(): Loop {
    const living =
      <Given extends unknown[]>(act: (...given: Given) => void) =>
      (...given: Given): void => {
        if (this.alive) act(...given);
      };
    return new Loop({
      rooms: this.rooms,
      store: this.store(),
      reserve: this.reserve,
      now: () => ({ at: monoMs(this.monoMs), utcMs: this.utcMs, monoNs: 0n }),
      frameQueueMax: 40,
      onStore: () => {},
      shell: {
        lease: living((wanted: Of<"lease">) => {
          const told = this.office.issue(wanted);
          if (told !== undefined) this.outside.tellBridge(wanted.bed, told.message);
        }),
        stopSensor: living((bed: string, number: number) => {
          const told = this.office.stop(bed, number);
          if (told !== undefined) this.outside.tellBridge(bed, told.message);
        }),
        infer: living((bed: string, request: number, model: string) => this.outside.infer(bed, request, model)),
        unpack: (bed) => {
          throw new Error(`${bed} sends nothing packed`);
        },
        publish: living((tile: Tile) => this.outside.publish(tile)),
        estimate: () => {},
        answer: living((answer: Of<"answer">) => this.outside.answer(answer)),
      },
    });
  }

  private newReserve(): ReserveFile {
    const reserve = new ReserveFile(join(this.folder, "withdrawals.reserve"), quiet);
    reserve.start({ records: existsSync(this.file) ? "old" : "new" });
    return reserve;
  }

  private newOffice(): LeaseOffice {
    return new LeaseOffice({
      privateKey: this.key.privateKey,
      clock: { monoMs: () => monoMs(this.monoMs), utcMs: () => utcMs(this.utcMs), monoNs: () => this.stamp().monoNs },
      clockSpeed: 1,
      beds: this.plan.beds.map(({ bed, device, sensor }) => ({ bed, device, sensors: [sensor] })),
    });
  }

  private openRecords(): WardRecords {
    this.boots += 1;
    const options = {
      origin: "w7.example.nhs.uk/audit/2026",
      sign: signerOf(this.key.privateKey),
      publicKey: this.key.publicKey,
      boot: `00000000-0000-4000-8000-${String(this.boots).padStart(12, "0")}`,
      cfgSha256: "a".repeat(64),
      modelSha256: null,
    };
    const records = new WardRecords(this.file, options, consent.timeZone);
    records.start();
    return records;
  }
}

const calibration = Object.fromEntries(
  ["displacement-rate", "radar-breathing", "radar-breathing-30s"].map((name) => {
    const card = new URL(`../../models/${name}/card.json`, import.meta.url);
    return [name, (JSON.parse(readFileSync(card, "utf8")) as { calibrated?: unknown }).calibrated];
  }),
);
