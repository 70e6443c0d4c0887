import { vkeyOf } from "../../edge-agent/audit/note.ts";
import { verifyLog } from "../../edge-agent/audit/verify.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import { sensingPurposes } from "../../edge-agent/contract/words.ts";
import { openForReading } from "../../edge-agent/records/open.ts";
import { readStoredLog } from "../../edge-agent/records/stored-log.ts";
import { isInBed, truthAt } from "../night/truth.ts";
import { filesWithMark, hasMark } from "./mark.ts";
import type { Tallies } from "./tallies.ts";
import type { Unit, World } from "./world.ts";

/*
 * DESIGN section 1 as a careful onlooker sees it: by what was asked, what the world really is, and what leaves the agent. None of
 * it asks the program what it thinks of itself.
 */

const leaseMs = 30_000;
/** A bridge that hears everything has a stop within this; the network of a history takes up to 0.9 s. */
const heardWithinMs = 2_000;
const shownWithinMs = 10_000;
/** Between a frame that is lost and the tile that says that nothing comes: counted from the last one that came. */
const silenceMs = shownWithinMs + 1_000;
/** A rate may speak of what was breathed within its window, and a while longer: models answer for the middle of it. */
const rateMemoryMs = 60_000;

export class Invariants {
  private readonly world: World;
  private readonly tallies: Tallies;
  /** When the onlooker last knew that a sensor of the bed might run. */
  private readonly lastMayMs = new Map<string, number>();
  /** Since when, without a break. */
  private readonly maySinceMs = new Map<string, number>();
  private readonly disturbedAtMs = new Map<string, number>();
  private faultsSeenAtMs = Number.NEGATIVE_INFINITY;
  private readonly leased = new Set<string>();
  /** Stays of which the clock of checks was seen to run. */
  private readonly checksOrdered = new Set<string>();
  private entriesKept = 0;

  constructor(world: World, tallies: Tallies) {
    this.world = world;
    this.tallies = tallies;
    world.onAccepted = (unit) => this.accepted(unit);
    world.onPublished = (tile) => this.published(tile);
  }

  /** Whatever moves a bed out of the ordinary gives it time to settle. */
  disturbed(bed: string): void {
    this.disturbedAtMs.set(bed, this.world.ward.nowMs);
  }

  private accepted({ plan: { bed } }: Unit): void {
    const { world, tallies } = this;
    const { ward, observer } = world;
    tallies.count("samples accepted");
    if (!observer.maySense(bed, ward.utcMs)) tallies.wrong("1", `a sample of ${bed} was accepted that nobody allows`);
    const stay = observer.stayIn(bed);
    if (ward.core(bed).room.stay?.id !== stay) tallies.wrong("1", `a sample of ${bed} went to somebody else's stay`);
    if (ward.failingSinceMs !== null && ward.nowMs - ward.failingSinceMs > 1_500)
      tallies.wrong("8", `a sample of ${bed} was accepted while nothing can be written`);
    if (ward.nowMs - ward.clockFaultAtMs < 10_000)
      tallies.wrong(
        "8",
        `a sample of ${bed} was accepted ${ward.nowMs - ward.clockFaultAtMs} ms after the clock failed`,
      );
    if (!this.leased.has(stay ?? "")) {
      const started = ward.committed.some(({ intents }) =>
        intents.some(({ action, detail }) => action === "lease.start" && detail.stay === stay),
      );
      if (!started) tallies.wrong("7", `${bed} is sensed without an entry that says so`);
      this.leased.add(stay ?? "");
    }
  }

  private published(tile: Tile): void {
    const { world, tallies } = this;
    const { ward, observer } = world;
    tallies.count("tiles told");
    const { rate } = tile.breathing;
    if (rate !== null) {
      tallies.count("rates shown");
      const stay = observer.stayIn(tile.bed);
      if (stay === undefined || !observer.stands(tile.bed, stay, "breathing-rate", ward.utcMs))
        tallies.wrong("1", `a rate of ${tile.bed} is shown that nobody allows`);
      const { perMin, lowPerMin, highPerMin, quality, ageMs } = rate;
      if (!(lowPerMin <= perMin && perMin <= highPerMin && quality >= 0 && quality <= 1))
        tallies.wrong("4", `a rate of ${tile.bed} without a sound interval: ${JSON.stringify(rate)}`);
      if (ageMs > shownWithinMs) tallies.wrong("4", `a rate of ${tile.bed} is ${ageMs} ms old`);
      if (!this.breathedLately(tile.bed))
        tallies.wrong("4", `a rate of ${tile.bed}, where nobody has breathed for a minute`);
      // What no screen shows is sensed all the same.
      if (tile.notMonitored !== null && tile.notMonitored !== "undelivered")
        tallies.wrong("5", `a rate of ${tile.bed} on a tile that says not monitored: ${tile.notMonitored}`);
    }
    if (tile.notMonitored === null && tile.dataAgeMs !== null && tile.dataAgeMs > shownWithinMs)
      tallies.wrong("5", `${tile.bed} looks calm with data of ${tile.dataAgeMs} ms ago`);
    for (const alarm of tile.alarms) {
      if (!alarm.audited) continue;
      tallies.count("alarms in the log");
      const written = ward.committed.some(({ rows }) =>
        rows.some((row) => row.table === "alarm" && row.alarm.id === alarm.id),
      );
      if (!written) tallies.wrong("7", `${alarm.condition} at ${tile.bed} is told as written, and is not`);
    }
    if (tile.checks !== null && tile.stay !== null) this.checksOrdered.add(tile.stay.id);
    const made = tile.checks?.lastMade?.atUtcMs ?? null;
    if (made !== null && !tallies.tried.has("check")) tallies.wrong("6", `a check at ${tile.bed} that nobody made`);
  }

  private breathedLately(bed: string): boolean {
    const { world } = this;
    const { truth } = world.unit(bed).plan;
    const now = world.ward.nowMs;
    for (let ms = now; ms >= now - rateMemoryMs; ms -= 1_000) {
      const { doing, breathes } = truthAt(truth, Math.max(0, ms / 1_000));
      if (breathes && isInBed(doing)) return true;
    }
    return false;
  }

  /** Once a second. */
  second(): void {
    const { world, tallies } = this;
    const { ward, observer } = world;
    if (ward.clockFaultAtMs > this.faultsSeenAtMs || ward.failingSinceMs !== null || !ward.alive)
      for (const bed of world.units.keys()) this.disturbed(bed);
    this.faultsSeenAtMs = Math.max(this.faultsSeenAtMs, ward.clockFaultAtMs);
    for (const unit of world.units.values()) this.layers(unit);
    for (const stay of world.stays) this.store(stay);
    if (observer.complaints.length > 0) tallies.wrong("1", observer.complaints.join("; "));
    for (const unit of world.units.values()) this.silence(unit);
    this.failing();
    this.nothingLost();
  }

  /** Layers one and two, each by itself. */
  private layers(unit: Unit): void {
    const { world, tallies } = this;
    const { ward, observer } = world;
    const { bed } = unit.plan;
    const may = observer.maySense(bed, ward.utcMs);
    if (may) this.lastMayMs.set(bed, ward.nowMs);
    if (may && !this.maySinceMs.has(bed)) this.maySinceMs.set(bed, ward.nowMs);
    if (!may) this.maySinceMs.delete(bed);
    if (!world.brokerBroken && ward.brokerAdmits(bed) && !may)
      tallies.wrong("1", `the broker lets ${bed} through, which nobody allows`);
    if (may || !world.bridgeRuns(unit)) return;
    const sinceMs = ward.nowMs - (this.lastMayMs.get(bed) ?? Number.NEGATIVE_INFINITY);
    const hears = !unit.line.cut && ward.alive && ward.nowMs - unit.troubledAtMs > leaseMs;
    const limitMs = hears ? heardWithinMs : leaseMs + heardWithinMs;
    if (sinceMs > limitMs) tallies.wrong("2", `the sensor of ${bed} runs ${sinceMs} ms after it was allowed last`);
    tallies.count("withdrawals that the bridge outlived");
  }

  /** Layer four, past everything else. */
  private store(stay: string): void {
    const { world, tallies } = this;
    const { ward, observer } = world;
    const bed = [...world.units.keys()].find((one) => observer.stayIn(one) === stay);
    for (const purpose of sensingPurposes) {
      if (!world.databaseTakes(stay, purpose)) continue;
      tallies.count("rows the store would take");
      // What could not be written yet is in the reserve, and the agent takes nothing.
      if (ward.failingSinceMs !== null || !ward.alive) continue;
      if (bed === undefined || !observer.standsByWall(bed, stay, purpose, ward.utcMs))
        tallies.wrong("1", `the store takes ${purpose} of ${stay}, which nobody allows`);
    }
  }

  private silence(unit: Unit): void {
    const { world, tallies } = this;
    const { ward } = world;
    const { bed } = unit.plan;
    const told = world.told.get(bed);
    if (!ward.alive || told === undefined) return;
    // A tile a second, whatever happens.
    if (ward.nowMs - told.atMs > 2_000)
      tallies.wrong("5", `nothing is told of ${bed} for ${ward.nowMs - told.atMs} ms`);
    const may = this.maySinceMs.get(bed);
    const quietMs = ward.nowMs - Math.max(unit.acceptedAtMs, may ?? ward.nowMs, this.disturbedAtMs.get(bed) ?? 0);
    if (may === undefined || quietMs <= silenceMs) return;
    tallies.count("silences");
    if (told.tile.notMonitored === null)
      tallies.wrong("5", `${bed} looks monitored ${quietMs} ms after its last sample`);
  }

  private failing(): void {
    const { world, tallies } = this;
    const { ward } = world;
    if (!ward.alive) return;
    const because =
      ward.failingSinceMs !== null && ward.nowMs - ward.failingSinceMs > shownWithinMs
        ? "nothing can be written"
        : ward.nowMs - ward.clockFaultAtMs > 2_000 && ward.nowMs - ward.clockFaultAtMs < 9_000
          ? "the clock cannot be trusted"
          : null;
    if (because === null) return;
    tallies.count(because);
    for (const { tile } of world.told.values()) {
      if (tile.notMonitored === null) tallies.wrong("8", `${because}, and ${tile.bed} looks monitored`);
      if (tile.stay !== null && tile.checks === null && this.checksOrdered.has(tile.stay.id))
        tallies.wrong("6", `no clock of checks at ${tile.bed} while ${because}`);
    }
  }

  /** What was once on the disk is there, kill or no kill. */
  private nothingLost(): void {
    const { world, tallies } = this;
    const entries = Number(world.reader().prepare("SELECT count(*) FROM entry").pluck().get());
    if (entries < this.entriesKept) tallies.wrong("7", `${this.entriesKept - entries} entries are gone`);
    this.entriesKept = entries;
  }

  /** Checks that nobody made in time are in the log, with sensors or without. Called where time has passed and nothing else. */
  missedChecks(sinceMs: number, everyMs: number, before: number): void {
    const { world, tallies } = this;
    if (world.ward.nowMs - sinceMs < everyMs + 2_000) return;
    const missed = this.written("check.missed");
    const ordered = [...world.told.values()].filter(({ tile }) => tile.stay !== null && tile.checks !== null).length;
    if (ordered > 0 && missed - before < ordered)
      tallies.wrong("6", `${ordered} checks became due and passed, and ${missed - before} are in the log as missed`);
    tallies.count("checks missed", missed - before);
  }

  written(action: string): number {
    return this.world.ward.committed.reduce(
      (sum, { intents }) => sum + intents.filter((intent) => intent.action === action).length,
      0,
    );
  }

  /** After the history: the log by itself, and everything that was written or said. */
  atTheEnd(): void {
    const { world, tallies } = this;
    const { ward } = world;
    const db = openForReading(ward.file);
    const vkeys = [vkeyOf("w7.example.nhs.uk/audit/2026", ward.key.publicKey)];
    const verdict = verifyLog(readStoredLog(db), { vkeys, known: [] });
    db.close();
    if (!verdict.ok) tallies.wrong("7", `the log does not verify: ${JSON.stringify(verdict.faults.slice(0, 3))}`);
    tallies.count("logs verified");
    tallies.count("entries verified", verdict.entries);
    for (const [ask, action] of [
      ["check", "check.record"],
      ["acknowledge", "alert.acknowledge"],
      ["admit", "stay.admit"],
      ["end-stay", "stay.end"],
      ["order", "order.set"],
    ] as const) {
      const entries = world.reader().prepare("SELECT data FROM entry").pluck().all() as Uint8Array[];
      const held = entries.filter((data) => Buffer.from(data).includes(`"${action}"`)).length;
      const done = tallies.asked.get(ask) ?? 0;
      if (held < done) tallies.wrong("7", `${done} times "${ask}" was answered as done, and ${held} are in the log`);
    }
    const files = filesWithMark(ward.file);
    if (files.length > 0) tallies.wrong("3", `samples of a sensor lie in ${files.join(", ")}`);
    if (world.said.some((words) => hasMark(Buffer.from(words)))) tallies.wrong("3", "samples of a sensor were told");
    tallies.count("messages searched", world.said.length);
  }
}
