import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { RoomAsk } from "../edge-agent/contract/asks.ts";
import type { AuditIntent, CoreEvent, Effect, StoreRow } from "../edge-agent/contract/door.ts";
import { encodeEnvelope } from "../edge-agent/contract/frames.ts";
import type { LeaseMessage } from "../edge-agent/contract/lease.ts";
import { encodeRadarTargets, saysNothing } from "../edge-agent/contract/module-frames.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import { deviceUs, monoMs, utcMs } from "../edge-agent/contract/units.ts";
import type { Purpose } from "../edge-agent/contract/words.ts";
import { type CoreState, newCore, type RoomConfig, step } from "../edge-agent/core.ts";
import { LeaseOffice } from "../edge-agent/io/lease-office.ts";
import { verifyCanonical } from "../edge-agent/platform/keys.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { StoreError } from "../edge-agent/records/store-error.ts";
import { WardRecords } from "../edge-agent/records/ward.ts";
import { type GateAnswer, newLeaseGate } from "../firmware-bridge/lease-gate.ts";
import { config } from "./core-driver.ts";

/*
 * Two rooms with the real cores, the real database in a folder, the real lease office and the real gate of a bridge, and clocks
 * that the history turns. Only the network and time are played.
 */

export const beds = ["room-1", "room-2"] as const;
export type Bed = (typeof beds)[number];
const device = "unit-1";
const station = generateKeyPairSync("ed25519");

const roomOf = (bed: Bed): RoomConfig => ({
  ...config,
  bed,
  bedName: bed,
  sensorModel: "hilink-ld2410",
  sensors: [{ sensor: `targets-${bed}`, model: "hilink-ld2410", kind: "radar-targets", placement: null }],
  statedOccupancy: null,
});

type Unstamped<T> = T extends CoreEvent ? Omit<T, "at" | "utcMs"> : never;

export class HistoryWard {
  /** Of the world, since the history began; the bridge's clock too, because the bridge is never restarted here. */
  elapsedMs = 0;
  private wallMs: number;
  private agentStartedMs = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), "quietround-history-"));
  private records = this.openRecords();
  private probe = new Database(this.file);
  private cores = new Map<Bed, CoreState>();
  private office = this.newOffice();
  private readonly gate: ReturnType<typeof newLeaseGate>;
  private sequence = 0;
  private asks = 0;
  private offered = new Map<Bed, number>();
  /** Between the control broker and the bridge. */
  cut = false;
  /** While the network was cut. */
  readonly lost: LeaseMessage[] = [];
  readonly sent: LeaseMessage[] = [];
  lostAtMs = Number.NEGATIVE_INFINITY;
  steppedAtMs = Number.NEGATIVE_INFINITY;
  latestUtcMs = 0;
  factsStored = 0;
  framesAccepted = 0;
  /** What the parts did that they should not, each in words. */
  readonly complaints: string[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(startUtcMs: number) {
    this.wallMs = startUtcMs;
    this.gate = newLeaseGate(device, beds, startUtcMs, (lease, signature) =>
      verifyCanonical(station.publicKey, lease, signature),
    );
    this.startCores();
  }

  get utcMs(): number {
    return this.wallMs + this.elapsedMs;
  }
  private get agentMonoMs(): number {
    return this.elapsedMs - this.agentStartedMs;
  }
  private get file(): string {
    return join(this.folder, "ward.sqlite");
  }

  core(bed: Bed): CoreState {
    const core = this.cores.get(bed);
    if (core === undefined) throw new Error(bed);
    return core;
  }

  feed(bed: Bed, event: Unstamped<CoreEvent>): readonly Effect[] {
    this.latestUtcMs = Math.max(this.latestUtcMs, this.utcMs);
    const stamped = { ...event, at: monoMs(this.agentMonoMs), utcMs: this.utcMs } as CoreEvent;
    const { state, effects } = step(this.core(bed), stamped);
    this.cores.set(bed, state);
    this.write(event.kind, effects);
    for (const effect of effects) {
      if (effect.kind === "lease") this.tell(this.office.issue(effect)?.message);
      if (effect.kind === "stop-sensor") this.tell(this.office.stop(effect.bed, effect.number)?.message);
    }
    return effects;
  }

  /** Gives the answer. */
  ask(actor: Actor, ask: RoomAsk): Effect & { kind: "answer" } {
    this.asks += 1;
    const effects = this.feed(ask.bed as Bed, {
      kind: "ask",
      request: `r${this.asks}`,
      actor,
      ask,
      freshId: `stay${this.asks}`,
      touchedAtUtcMs: null,
    });
    const answer = effects.find((effect) => effect.kind === "answer");
    if (answer?.kind !== "answer") throw new Error(`${ask.do} was not answered`);
    return answer;
  }

  /** A sensor that sends whether it may or not. `looked`: the agent looked at the clock on that occasion. */
  frame(bed: Bed): { readonly accepted: boolean; readonly looked: boolean } {
    this.sequence += 1;
    const before = this.core(bed).room.framesAccepted;
    const header = {
      kind: "radar-targets",
      bootId: "e".repeat(32),
      sequence: this.sequence,
      deviceUs: deviceUs(this.elapsedMs * 1_000),
      capturedAt: utcMs(this.utcMs),
    } as const;
    const payload = encodeRadarTargets({ ...saysNothing(10), present: true, movement: 5, targets: [] });
    const bytes = encodeEnvelope(header, payload);
    const effects = this.feed(bed, { kind: "frame", sensor: `targets-${bed}`, bytes });
    const { framesAccepted, dropped } = this.core(bed).room;
    this.offered.set(bed, (this.offered.get(bed) ?? 0) + 1);
    const counted = framesAccepted + Object.values(dropped).reduce((sum, count) => sum + count, 0);
    if (counted !== this.offered.get(bed)) this.complaints.push("a frame was neither accepted nor counted as refused");
    if (framesAccepted > before) this.framesAccepted += 1;
    return { accepted: framesAccepted > before, looked: effects.some(({ kind }) => kind === "publish") };
  }

  brokerAdmits(bed: Bed): boolean {
    return this.office.admits(device, `targets-${bed}`);
  }
  bridgeRuns(bed: Bed): boolean {
    return this.gate.allows(bed, monoMs(this.elapsedMs));
  }
  hearAtBridge(message: unknown): GateAnswer {
    const bytes = new TextEncoder().encode(JSON.stringify(message));
    return this.gate.hear(bytes, { monoMs: monoMs(this.elapsedMs), utcMs: utcMs(this.utcMs) });
  }

  /** Would the database take a row of this purpose now? Nothing stays of the question. */
  databaseTakes(stay: string, purpose: Purpose): boolean {
    const column = purpose === "movement-alerts" ? "movement" : "quality";
    this.probe.exec("BEGIN IMMEDIATE");
    try {
      this.probe.prepare(`INSERT INTO fact (stay, at, ${column}) VALUES (?, ?, 0.5)`).run(stay, Math.round(this.utcMs));
      return true;
    } catch (cause) {
      if (cause instanceof Database.SqliteError && cause.code.startsWith("SQLITE_CONSTRAINT")) return false;
      throw cause;
    } finally {
      this.probe.exec("ROLLBACK");
    }
  }

  /** How many entries of this action the log holds. */
  entries(action: string): number {
    const rows = this.probe.prepare("SELECT data FROM entry").pluck().all() as Buffer[];
    return rows.filter((data) => data.toString("utf8").includes(`"${action}"`)).length;
  }

  stepClock(byMs: number): void {
    this.wallMs += byMs;
    this.steppedAtMs = this.elapsedMs;
    for (const bed of beds) this.feed(bed, { kind: "clock", steppedMs: byMs });
  }

  /** The agent alone: what it held in memory is gone, and its clock begins anew. */
  reboot(how: "killed" | "stopped"): void {
    if (how === "stopped") for (const bed of beds) this.feed(bed, { kind: "stop" });
    this.probe.close();
    this.records.close();
    this.records = this.openRecords();
    this.probe = new Database(this.file);
    this.agentStartedMs = this.elapsedMs;
    this.steppedAtMs = Number.NEGATIVE_INFINITY;
    this.office = this.newOffice();
    this.startCores();
  }

  end(): void {
    this.probe.close();
    this.records.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private startCores(): void {
    this.offered.clear();
    for (const bed of beds) {
      this.cores.set(bed, newCore(roomOf(bed)));
      this.feed(bed, { kind: "restore", room: this.records.restoreRoom(bed) });
    }
  }

  private write(by: string, effects: readonly Effect[]): void {
    const intents: AuditIntent[] = [];
    const rows: StoreRow[] = [];
    for (const effect of effects) {
      if (effect.kind === "audit") intents.push(effect.intent);
      if (effect.kind === "store") rows.push(effect.row);
    }
    if (intents.length + rows.length === 0) return;
    try {
      const monoNs = BigInt(Math.round(this.agentMonoMs * 1e6));
      this.records.commit(intents, rows, { utcMs: this.utcMs, monoNs });
      this.factsStored += rows.filter(({ table }) => table === "fact").length;
    } catch (cause) {
      if (!(cause instanceof StoreError) || cause.code !== "refused") throw cause;
      const asked = rows.map((row) => (row.table === "consent" ? `consent ${row.consent.state}` : row.table));
      this.complaints.push(`after ${by} the database refused ${asked.join(", ")}: ${cause.message}`);
    }
  }

  private tell(message: LeaseMessage | undefined): void {
    if (message === undefined) return;
    this.sent.push(message);
    if (message.kind === "lease") {
      const { bed, number } = message.lease;
      if (number <= (this.numbers.get(bed) ?? 0)) this.complaints.push(`lease ${number} does not rise`);
      this.numbers.set(bed, number);
    }
    if (this.cut) {
      this.lost.push(message);
      this.lostAtMs = this.elapsedMs;
    } else this.hearAtBridge(message);
  }

  private openRecords(): WardRecords {
    const options = {
      origin: "w7.example.nhs.uk/audit/2026",
      sign: signerOf(station.privateKey),
      publicKey: station.publicKey,
      boot: randomUUID(),
      cfgSha256: "a".repeat(64),
      modelSha256: null,
    };
    const records = new WardRecords(this.file, options, config.consent.timeZone);
    records.start();
    return records;
  }

  private newOffice(): LeaseOffice {
    return new LeaseOffice({
      privateKey: station.privateKey,
      clock: {
        monoMs: () => monoMs(this.agentMonoMs),
        utcMs: () => utcMs(this.utcMs),
        monoNs: () => BigInt(Math.round(this.agentMonoMs * 1e6)),
      },
      clockSpeed: 1,
      beds: beds.map((bed) => ({ bed, device, sensors: [`targets-${bed}`] })),
    });
  }
}
