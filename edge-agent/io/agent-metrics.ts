import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Tile } from "../contract/tile.ts";

/** Seconds. A window's answer is wanted within its second. */
const inferenceBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const lateBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * What the agent measures of its rooms and of the loop, for Prometheus: base units, labels of beds and closed words only. Nothing says
 * who is in a bed, how they breathe, or who looked.
 */
export class AgentMetrics {
  private readonly tiles = new Map<string, Tile>();
  private readonly inference: Histogram<"bed">;
  private readonly inferenceCpu: Counter;
  private readonly tickLate: Histogram;
  private readonly step: Histogram;
  private readonly commit: Histogram;
  private readonly refused: Counter<"client" | "why">;

  /**
   * @param waitingFrames of a bed, not yet taken by the loop
   * @param coreMs time in the core since the start, of all rooms
   */
  constructor(registry: Registry, waitingFrames: (bed: string) => number, coreMs: () => number) {
    const registers = [registry];
    this.inference = new Histogram({
      name: "quietround_inference_seconds",
      help: "Time of one inference of a room, by bed",
      labelNames: ["bed"],
      buckets: inferenceBuckets,
      registers,
    });
    this.inferenceCpu = new Counter({
      name: "quietround_inference_cpu_seconds_total",
      help: "Processor time of all inferences",
      registers,
    });
    this.tickLate = new Histogram({
      name: "quietround_loop_lateness_seconds",
      help: "How much later than its second the real-time loop ticked; its deadline is one second",
      buckets: lateBuckets,
      registers,
    });
    this.step = new Histogram({
      name: "quietround_loop_step_seconds",
      help: "Time of one turn of the loop over all rooms at a tick",
      buckets: lateBuckets,
      registers,
    });
    this.commit = new Histogram({
      name: "quietround_records_commit_seconds",
      help: "Time until entries and rows of a step are on the disk",
      buckets: lateBuckets,
      registers,
    });
    this.refused = new Counter({
      name: "quietround_broker_refused_total",
      help: "Messages that the embedded broker did not forward, by client and reason",
      labelNames: ["client", "why"],
      registers,
    });
    new Counter({
      name: "quietround_core_seconds_total",
      help: "Time that reading frames, signals, windows and rules took, of all rooms",
      registers,
      collect() {
        this.reset();
        this.inc(coreMs() / 1_000);
      },
    });
    this.countOfTiles(registers, "quietround_frames_accepted_total", "Frames that the loop took", (tile) => [
      [{}, tile.engineering.framesAccepted],
    ]);
    this.countOfTiles(registers, "quietround_frames_dropped_total", "Frames that were not used, by reason", (tile) =>
      Object.entries(tile.engineering.dropped).map(([why, count]) => [{ why }, count ?? 0]),
    );
    this.countOfTiles(registers, "quietround_inferences_total", "Answers of the models", (tile) => [
      [{}, tile.engineering.inferences],
    ]);
    this.countOfTiles(
      registers,
      "quietround_inferences_late_total",
      "Answers that came after their deadline",
      (tile) => [[{}, tile.engineering.inferencesLate]],
    );
    this.ofTiles(registers, "quietround_data_age_seconds", "Age of the newest frame that was taken", (tile) =>
      tile.dataAgeMs === null ? [] : [[{}, tile.dataAgeMs / 1_000]],
    );
    this.ofTiles(
      registers,
      "quietround_monitored",
      "1: the room is monitored, 0: it is not, and the board says why",
      (tile) => [[{}, tile.notMonitored === null ? 1 : 0]],
    );
    this.ofTiles(registers, "quietround_sent_out_bytes", "What the agent told of the room in the last hour", (tile) =>
      tile.engineering.sentOut === undefined ? [] : [[{}, tile.engineering.sentOut.bytesInHour]],
    );
    this.countOfTiles(
      registers,
      "quietround_tiles_held_back_total",
      "Tiles that went out without what was sensed, because the room's budget of bytes was spent",
      (tile) => [[{}, tile.engineering.sentOut?.heldBack ?? 0]],
    );
    this.ofTiles(registers, "quietround_frames_waiting", "Frames in the queue of the loop", (tile) => [
      [{}, waitingFrames(tile.bed)],
    ]);
  }

  follow(tile: Tile): void {
    this.tiles.set(tile.bed, tile);
  }

  /** `cpuMs`: processor time of it, NaN where nobody can tell. */
  inferred(bed: string, tookMs: number, cpuMs: number): void {
    this.inference.observe({ bed }, tookMs / 1_000);
    if (cpuMs >= 0) this.inferenceCpu.inc(cpuMs / 1_000);
  }

  /** @param tick returns how late it came, ms. */
  ticked(tick: () => number): void {
    const begun = performance.now();
    this.tickLate.observe(tick() / 1_000);
    this.step.observe((performance.now() - begun) / 1_000);
  }

  committed(commit: () => void): void {
    const begun = performance.now();
    try {
      commit();
    } finally {
      this.commit.observe((performance.now() - begun) / 1_000);
    }
  }

  brokerRefused(client: string, why: string): void {
    this.refused.inc({ client, why });
  }

  /** Read when somebody asks: a tile has the newest numbers anyway. */
  private ofTiles(registers: Registry[], name: string, help: string, read: Reading): void {
    const { tiles } = this;
    new Gauge({
      name,
      help: `${help}, by bed`,
      labelNames: ["bed"],
      registers,
      collect() {
        this.reset();
        for (const tile of tiles.values())
          for (const [more, value] of read(tile)) this.set({ bed: tile.bed, ...more }, value);
      },
    });
  }

  /** As `ofTiles`, for what only grows. */
  private countOfTiles(registers: Registry[], name: string, help: string, read: Reading): void {
    const { tiles } = this;
    new Counter({
      name,
      help: `${help}, by bed`,
      labelNames: ["bed", "why"],
      registers,
      collect() {
        this.reset();
        for (const tile of tiles.values())
          for (const [more, value] of read(tile)) this.inc({ bed: tile.bed, ...more }, value);
      },
    });
  }
}

type Reading = (tile: Tile) => readonly (readonly [Readonly<Record<string, string>>, number])[];
