import Database from "better-sqlite3";
import type { RoomAsk } from "../../edge-agent/contract/asks.ts";
import type { Effect } from "../../edge-agent/contract/door.ts";
import type { LeaseMessage } from "../../edge-agent/contract/lease.ts";
import type { Actor } from "../../edge-agent/contract/people.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import { monoMs, utcMs } from "../../edge-agent/contract/units.ts";
import type { Purpose } from "../../edge-agent/contract/words.ts";
import { verifyCanonical } from "../../edge-agent/platform/keys.ts";
import { type LeaseGate, newLeaseGate } from "../../firmware-bridge/lease-gate.ts";
import type { Random } from "../../firmware-bridge/simulator/random.ts";
import { Observer } from "../../tests/history-observer.ts";
import { answerOf } from "../night/answers.ts";
import { everyMsOf, SensorFrames } from "../night/frames.ts";
import { markedBytes } from "./mark.ts";
import type { HistoryPlan, PlannedBed } from "./plan.ts";
import { SimWard } from "./sim-ward.ts";
import { type Line, newLine, Transport } from "./transport.ts";

/** One bedroom's unit: the real gate of a bridge, and sensors that obey it, or not. */
export interface Unit {
  readonly plan: PlannedBed;
  gate: LeaseGate;
  frames: SensorFrames;
  /** Between it and the agent. */
  readonly line: Line;
  alive: boolean;
  /** Sends whatever anybody says. */
  rogue: boolean;
  told: string;
  /** When a frame last reached the broker, and when one was last accepted; of the world. */
  reachedAtMs: number;
  acceptedAtMs: number;
  /** Leases and stops that were on their way to it, the newest last. */
  readonly heard: LeaseMessage[];
  /** When the line was last cut, or something on it came late. */
  troubledAtMs: number;
}

/** The newest tile that the agent told, and the newest that the station has. */
export interface Shown {
  readonly tile: Tile;
  readonly atMs: number;
}

export interface Answered {
  readonly ok: boolean;
  readonly why?: string;
}

/** The ward and everything around it, as one history has it. Nothing here decides whether anything is right. */
export class World {
  readonly plan: HistoryPlan;
  readonly ward: SimWard;
  readonly units: ReadonlyMap<string, Unit>;
  readonly observer = new Observer(() => this.ward.nowMs);
  readonly transport: Transport;
  readonly station = newLine();
  readonly told = new Map<string, Shown>();
  readonly atStation = new Map<string, Shown>();
  /** Every stay there was. */
  readonly stays: string[] = [];
  /** The broker's own look at leases is broken: everything passes. */
  brokerBroken = false;
  /** Everything that was sent over the control line, for whoever looks for what may not be in it. */
  readonly said: string[] = [];
  /** A tile that tests want changed. */
  onTile: (tile: Tile) => Tile = (tile) => tile;
  onAccepted: (unit: Unit) => void = () => {};
  onPublished: (tile: Tile) => void = () => {};
  asks = 0;
  private readonly random: Random;
  private readonly answers = new Map<string, Answered>();
  private db: Database.Database | undefined;

  constructor(plan: HistoryPlan, random: Random) {
    this.plan = plan;
    this.random = random.fork(7);
    this.transport = new Transport(random.fork(8));
    this.units = new Map(plan.beds.map((bed, n) => [bed.bed, this.newUnit(bed, random.fork(20 + n))]));
    this.ward = new SimWard(plan, {
      tellBridge: (bed, message) => this.tellBridge(bed, message),
      infer: (bed, request, model) => {
        const { truth } = this.unit(bed).plan;
        const outputs = answerOf(model, truth, this.ward.nowMs / 1_000, this.random);
        this.transport.after(this.random.between(2, 30), () => {
          this.ward.feed(bed, { kind: "inferred", request, outputs, tookMs: 2 });
        });
      },
      publish: (tile) => this.publish(this.onTile(tile)),
      answer: (answer) => this.hear(answer),
    });
    this.ward.start();
  }

  unit(bed: string): Unit {
    const unit = this.units.get(bed);
    if (unit === undefined) throw new Error(`there is no ${bed}`);
    return unit;
  }

  /** Somebody asks, and the agent says at once what it thinks of it. */
  ask(actor: Actor, ask: RoomAsk): Answered {
    const { ward, observer } = this;
    if (!ward.alive) return { ok: false, why: "no-answer" };
    this.asks += 1;
    const request = `r${this.asks}`;
    ward.feed(ask.bed, { kind: "ask", request, actor, ask, freshId: `stay-${this.asks}`, touchedAtUtcMs: null });
    const answered = this.answers.get(request) ?? { ok: false, why: "no-answer" };
    observer.elapsed(ask.bed, ward.utcMs);
    return answered;
  }

  /** As far as the world goes in one step: what is due on the lines, what sensors send. */
  step(nowMs: number): void {
    this.ward.nowMs = nowMs;
    this.transport.run(nowMs);
    for (const unit of this.units.values()) this.runUnit(unit, nowMs);
  }

  killUnit(unit: Unit): void {
    unit.alive = false;
    unit.told = "";
    // The broker tells the agent on the unit's behalf.
    this.transport.send(unit.line, "surely", () => {
      if (!unit.alive) this.status(unit, "lost", "the bridge is gone");
    });
  }
  startUnit(unit: Unit): void {
    unit.alive = true;
    unit.gate = this.newGate(unit.plan);
    unit.frames.restart();
    unit.troubledAtMs = this.ward.nowMs;
  }

  kill(): void {
    this.ward.kill();
  }
  restart(): void {
    this.observer.rebooted(this.ward.utcMs);
    this.ward.restart();
    for (const unit of this.units.values()) {
      unit.told = "";
      unit.troubledAtMs = this.ward.nowMs;
      this.observer.elapsed(unit.plan.bed, this.ward.utcMs);
    }
  }

  /** Bytes of whatever came to the broker in this bed's name. */
  frameArrives(unit: Unit, bytes: Uint8Array): void {
    unit.reachedAtMs = this.ward.nowMs;
    const { bed, sensor } = unit.plan;
    if (!this.ward.alive || !(this.brokerBroken || this.ward.brokerAdmits(bed))) return;
    const before = this.ward.core(bed).room.framesAccepted;
    this.ward.feed(bed, { kind: "frame", sensor, bytes });
    if (!this.ward.alive || this.ward.core(bed).room.framesAccepted === before) return;
    unit.acceptedAtMs = this.ward.nowMs;
    this.onAccepted(unit);
  }

  bridgeRuns(unit: Unit): boolean {
    return unit.alive && unit.gate.allows(unit.plan.bed, monoMs(this.ward.nowMs));
  }

  hearAtBridge(unit: Unit, message: LeaseMessage) {
    const bytes = new TextEncoder().encode(JSON.stringify(message));
    return unit.gate.hear(bytes, {
      monoMs: monoMs(this.ward.nowMs),
      utcMs: utcMs(this.plan.startUtcMs + this.ward.nowMs),
    });
  }

  /** Would the database take a row of this purpose now? Nothing stays of the question. */
  databaseTakes(stay: string, purpose: Purpose): boolean {
    const db = this.reader();
    const column = purpose === "movement-alerts" ? "movement" : "quality";
    db.exec("BEGIN IMMEDIATE");
    try {
      db.prepare(`INSERT INTO fact (stay, at, ${column}) VALUES (?, ?, 0.5)`).run(stay, this.ward.utcMs);
      return true;
    } catch (cause) {
      if (cause instanceof Database.SqliteError && cause.code.startsWith("SQLITE_CONSTRAINT")) return false;
      throw cause;
    } finally {
      db.exec("ROLLBACK");
    }
  }
  reader(): Database.Database {
    this.db ??= new Database(this.ward.file);
    return this.db;
  }
  close(): void {
    this.db?.close();
  }

  private newUnit(plan: PlannedBed, random: Random): Unit {
    return {
      plan,
      gate: this.newGateBefore(plan),
      frames: new SensorFrames(plan.sensor, plan.truth, random),
      line: newLine(),
      alive: true,
      rogue: false,
      told: "",
      reachedAtMs: Number.NEGATIVE_INFINITY,
      acceptedAtMs: Number.NEGATIVE_INFINITY,
      heard: [],
      troubledAtMs: Number.NEGATIVE_INFINITY,
    };
  }
  private newGateBefore({ device, bed }: PlannedBed): LeaseGate {
    return newLeaseGate(device, [bed], this.plan.startUtcMs, (lease, signature) =>
      verifyCanonical(this.ward.key.publicKey, lease, signature),
    );
  }
  private newGate({ device, bed }: PlannedBed): LeaseGate {
    return newLeaseGate(device, [bed], this.plan.startUtcMs + this.ward.nowMs, (lease, signature) =>
      verifyCanonical(this.ward.key.publicKey, lease, signature),
    );
  }

  private runUnit(unit: Unit, nowMs: number): void {
    if (!unit.alive) return;
    const { plan, line } = unit;
    const running = this.bridgeRuns(unit);
    const state = running || unit.rogue ? "on" : "off";
    if (unit.told !== state) {
      if (unit.told === "off" && state === "on") unit.frames.restart();
      unit.told = state;
      this.status(unit, state, "as it is");
    }
    if (state === "off" || nowMs % everyMsOf[plan.sensor] !== 0) return;
    const bytes = markedBytes(unit.frames.next(nowMs, this.plan.startUtcMs + nowMs), plan.sensor);
    this.transport.send(line, "once", () => this.frameArrives(unit, Uint8Array.from(bytes)));
  }

  private status(unit: Unit, state: "on" | "off" | "lost", detail: string): void {
    const { bed, sensor } = unit.plan;
    this.transport.send(unit.line, "surely", () => {
      if (this.ward.alive && (state === "lost") === !unit.alive)
        this.ward.feed(bed, { kind: "sensor-status", sensor, state, health: "ok", detail });
    });
  }

  private tellBridge(bed: string, message: LeaseMessage): void {
    const unit = this.unit(bed);
    this.said.push(JSON.stringify(message));
    unit.heard.push(message);
    const sentAtMs = this.ward.nowMs;
    this.transport.send(unit.line, "surely", () => {
      if (this.ward.nowMs - sentAtMs > 500) unit.troubledAtMs = this.ward.nowMs;
      if (unit.alive) this.hearAtBridge(unit, message);
    });
  }

  private publish(tile: Tile): void {
    this.said.push(JSON.stringify(tile));
    this.told.set(tile.bed, { tile, atMs: this.ward.nowMs });
    this.onPublished(tile);
    this.transport.send(this.station, "surely", () => {
      const before = this.atStation.get(tile.bed);
      if (before !== undefined && before.tile.at > tile.at) return;
      this.atStation.set(tile.bed, { tile, atMs: this.ward.nowMs });
      const shown = tile.alarms.filter(
        ({ shown, presence }) => !shown && (presence === "on" || presence === "latched"),
      );
      if (shown.length === 0) return;
      this.transport.send(this.station, "surely", () => {
        const list = shown.map(({ id, raisedAt }) => ({ id, raisedAtUtcMs: raisedAt }));
        this.ward.feed(tile.bed, { kind: "alarms-shown", shown: list });
      });
    });
  }

  private hear(answer: Extract<Effect, { kind: "answer" }>): void {
    this.answers.set(answer.request, answer.ok ? { ok: true } : { ok: false, why: answer.why });
    if (answer.ok && answer.result.is === "stay") this.stays.push(answer.result.stay);
  }
}
