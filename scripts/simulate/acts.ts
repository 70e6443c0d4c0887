import type { RoomAsk } from "../../edge-agent/contract/asks.ts";
import { type Activation, type BestInterests, commonNeeds, pauseMinutes } from "../../edge-agent/contract/consent.ts";
import { type Actor, nothingOrdered } from "../../edge-agent/contract/people.ts";
import { type Purpose, sensingPurposes } from "../../edge-agent/contract/words.ts";
import type { Random } from "../../firmware-bridge/simulator/random.ts";
import type { Tallies } from "./tallies.ts";
import type { Unit, World } from "./world.ts";

/* What people and mishaps do in a history, each by chance. Every act is one line of the story that a failure is told with. */

export const inCharge: Actor = { kind: "staff", id: "c1", name: "Ada Obi", role: "nurse-in-charge" };
export const nurse: Actor = { kind: "staff", id: "n1", name: "Sam Reed", role: "nurse" };
export const lead: Actor = { kind: "staff", id: "g1", name: "Kim Hale", role: "governance-lead" };
const setup: Actor = { kind: "setup", name: "simulation" };

const record: BestInterests = {
  decision: "So that he sleeps.",
  impairment: "Delirium.",
  unableTo: ["weigh"],
  helpGiven: "Pictures.",
  assessor: "Dr Ade",
  consulted: "His sister.",
  attorneyOrDeputy: null,
  noAdvanceRefusal: true,
  assessAgainAfterHours: 1,
};

export interface Scene {
  readonly world: World;
  readonly random: Random;
  readonly tallies: Tallies;
  /** Adds a line to the story. */
  say(words: string): void;
}

export class Acts {
  private readonly scene: Scene;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  /** As it is at the start of a history: somebody in every bed, most of whom agree, orders, checks. */
  begin(): void {
    for (const { plan } of this.scene.world.units.values()) {
      this.admit(plan.bed);
      if (this.scene.random.chance(0.85)) for (const purpose of sensingPurposes) this.agree(plan.bed, purpose);
      this.order(plan.bed);
      this.observe(plan.bed);
    }
  }

  /** Once a second. */
  second(): void {
    const { random } = this.scene;
    for (const [chance, act] of this.chances) if (random.chance(chance)) act();
  }

  private readonly chances: readonly (readonly [number, () => void])[] = [
    [0.01, () => this.agree(this.bed(), this.purpose())],
    [0.01, () => this.turnOff()],
    [0.003, () => this.stopEverything()],
    [0.006, () => this.pause()],
    [0.01, () => this.resume()],
    [0.004, () => this.decide()],
    [0.004, () => this.byAnEarlierScreen()],
    [0.002, () => this.discharge(this.bed())],
    [0.006, () => this.admitWhereNobodyIs()],
    [0.001, () => this.swap()],
    [0.008, () => this.check()],
    [0.05, () => this.answerAlarm()],
    [0.008, () => this.replay()],
    [0.004, () => this.killUnit()],
    [0.004, () => this.cutUnit()],
    [0.003, () => this.cutStation()],
    [0.004, () => this.killAgent()],
    [0.005, () => this.failDisk()],
    [0.003, () => this.stepClock()],
    [0.001, () => this.stickClock()],
    [0.002, () => this.flood()],
    [0.01, () => this.garbage()],
    [0.001, () => this.leap()],
  ];

  private bed(): string {
    const beds = [...this.scene.world.units.keys()] as [string, ...string[]];
    return this.scene.random.pick(beds);
  }
  private unit(): Unit {
    return this.scene.world.unit(this.bed());
  }
  private purpose(): Purpose {
    return this.scene.random.pick([...sensingPurposes] as [Purpose, ...Purpose[]]);
  }
  private placeOf(bed: string) {
    return { bed, stay: this.scene.world.observer.stayIn(bed) ?? "none" };
  }
  private person(bed: string): Actor {
    return { kind: "bedside", ...this.placeOf(bed) };
  }
  private anybody(bed: string): Actor {
    return this.scene.random.chance(0.6) ? this.person(bed) : nurse;
  }

  private ask(actor: Actor, ask: RoomAsk): boolean {
    const { world, tallies, say } = this.scene;
    tallies.tried.add(ask.do);
    const answered = world.ask(actor, ask);
    const who = actor.kind === "staff" ? actor.role : actor.kind;
    say(`${who}: ${ask.do} ${"purpose" in ask ? ask.purpose : ""} ${ask.bed}: ${answered.ok ? "done" : answered.why}`);
    if (answered.ok) {
      if (ask.do === "admit") world.observer.admitted(ask.bed, world.stays.at(-1) ?? "none");
      else world.observer.done(actor, ask, world.ward.utcMs);
      tallies.done(ask.do);
      return true;
    }
    // What takes away stands also where it could not be written: it was heard.
    const takes = ask.do === "turn-off" || ask.do === "stop-everything";
    if (takes && answered.why === "audit-failed") world.observer.done(actor, ask, world.ward.utcMs);
    return false;
  }

  private admit(bed: string): void {
    this.ask(setup, { do: "admit", bed, label: "P", demonstration: true, adult: true, needs: commonNeeds });
  }
  private discharge(bed: string): void {
    this.ask(inCharge, { do: "end-stay", ...this.placeOf(bed), label: "P" });
  }
  private admitWhereNobodyIs(): void {
    const { world } = this.scene;
    for (const bed of world.units.keys()) if (world.observer.stayIn(bed) === undefined) this.admit(bed);
  }
  private swap(): void {
    const beds = [this.bed(), this.bed()];
    for (const bed of beds) this.discharge(bed);
    for (const bed of new Set(beds)) this.admit(bed);
  }

  private terms(): Activation {
    const { random } = this.scene;
    return {
      concern: "sleep-broken-by-checks",
      alternatives: ["checks-in-person-only"],
      words: null,
      reviewAfterHours: random.pick([1, 2, 168]),
      hours: random.chance(0.15)
        ? random.pick([
            { fromHour: 22, toHour: 7 },
            { fromHour: 1, toHour: 2 },
          ])
        : null,
      askAgainEveryHours: null,
    };
  }
  private agree(bed: string, purpose: Purpose): void {
    this.ask(nurse, { do: "offer", ...this.placeOf(bed), purpose, activation: this.terms() });
    this.ask(this.person(bed), { do: "turn-on", ...this.placeOf(bed), purpose });
  }
  private decide(): void {
    const bed = this.bed();
    const about = { ...this.placeOf(bed), purpose: this.purpose(), activation: this.terms() };
    this.ask(inCharge, { do: "best-interests", ...about, record });
  }
  private turnOff(): void {
    const bed = this.bed();
    this.ask(this.anybody(bed), { do: "turn-off", ...this.placeOf(bed), purpose: this.purpose() });
  }
  private stopEverything(): void {
    const bed = this.bed();
    this.ask(this.anybody(bed), { do: "stop-everything", ...this.placeOf(bed) });
  }
  private pause(): void {
    const bed = this.bed();
    this.ask(this.anybody(bed), { do: "pause", ...this.placeOf(bed), minutes: this.scene.random.pick(pauseMinutes) });
  }
  private resume(): void {
    const bed = this.bed();
    this.ask(this.person(bed), { do: "resume", ...this.placeOf(bed) });
  }
  /** Of somebody who was here before. */
  private byAnEarlierScreen(): void {
    const { world, random, tallies } = this.scene;
    const bed = this.bed();
    const stay = random.pick([...world.stays, "none"] as unknown as [string, ...string[]]);
    if (stay === world.observer.stayIn(bed)) return;
    const ok = this.ask(
      { kind: "bedside", bed, stay },
      { do: "turn-on", ...this.placeOf(bed), purpose: this.purpose() },
    );
    if (ok) tallies.wrong("1", "a screen of somebody else turned sensing on");
  }

  private order(bed: string): void {
    const order = {
      ...nothingOrdered,
      leftBed: { afterMs: 5_000 },
      breathing: { lowPerMin: 11, highPerMin: 20, forMs: 10_000, qualityMin: 0 },
      rateUnavailable: { afterMs: 30_000 },
      untilUtcMs: this.scene.world.ward.utcMs + 24 * 3_600_000,
      by: "Ada Obi",
      reason: "simulation",
    };
    this.ask(inCharge, { do: "order", ...this.placeOf(bed), order });
  }
  private observe(bed: string): void {
    const observation = {
      level: "intermittent-high",
      everyMinutes: 15,
      by: "Ada Obi",
      reason: "simulation",
      reviewAfterHours: 24,
    } as const;
    this.ask(inCharge, { do: "observe", ...this.placeOf(bed), observation });
  }
  private check(): void {
    const seen = { where: "in-bed", how: "asleep-breathing-seen", engagement: null, concern: null } as const;
    const more = { seenAtUtcMs: null, lateBecause: null, supersedes: null };
    this.ask(nurse, { do: "check", ...this.placeOf(this.bed()), seen, ...more });
  }
  /** By the station's own picture, as a nurse does. */
  private answerAlarm(): void {
    const { world, random, tallies } = this.scene;
    for (const { tile } of world.atStation.values()) {
      const alarm = tile.alarms.find(({ presence }) => presence !== "ack");
      if (alarm === undefined) continue;
      const ask = { do: "acknowledge", bed: tile.bed, alarm: alarm.id, going: true } as const;
      if (random.chance(0.2) && this.ask(lead, ask)) tallies.wrong("6", "a governance lead took an alarm");
      if (this.ask(nurse, ask) && !alarm.technical)
        this.ask(nurse, { do: "close", bed: tile.bed, alarm: alarm.id, outcome: "all-well", falseBecause: null });
      return;
    }
  }

  private replay(): void {
    const { world, random, tallies, say } = this.scene;
    const unit = this.unit();
    if (!unit.alive || unit.line.cut || unit.heard.length < 3) return;
    const old = unit.heard[Math.floor(random.uniform() * (unit.heard.length - 2))];
    if (old?.kind !== "lease") return;
    const answer = world.hearAtBridge(unit, old);
    tallies.count("old leases");
    say(`an old lease of ${unit.plan.bed} comes again: ${answer.gate}`);
    if (answer.gate === "open") tallies.wrong("1", `an old lease opened ${unit.plan.bed}`);
  }

  private killUnit(): void {
    const { world, random, tallies, say } = this.scene;
    const unit = this.unit();
    if (!unit.alive) return;
    say(`the bridge of ${unit.plan.bed} is killed`);
    tallies.count("bridges killed");
    world.killUnit(unit);
    world.transport.after(random.between(1_000, 20_000), () => {
      say(`the bridge of ${unit.plan.bed} starts`);
      world.startUnit(unit);
    });
  }
  private cutUnit(): void {
    const { world, random, tallies, say } = this.scene;
    const unit = this.unit();
    if (unit.line.cut) return;
    say(`the line to ${unit.plan.bed} is cut`);
    tallies.count("lines cut");
    unit.line.cut = true;
    unit.troubledAtMs = world.ward.nowMs;
    world.transport.after(random.between(2_000, 45_000), () => {
      say(`the line to ${unit.plan.bed} is whole`);
      unit.troubledAtMs = world.ward.nowMs;
      world.transport.join(unit.line);
    });
  }
  private cutStation(): void {
    const { world, random, tallies, say } = this.scene;
    if (world.station.cut) return;
    say("the station hears nothing");
    tallies.count("stations asleep");
    world.station.cut = true;
    world.transport.after(random.between(2_000, 60_000), () => world.transport.join(world.station));
  }

  private killAgent(): void {
    const { world, random, tallies, say } = this.scene;
    if (!world.ward.alive) return;
    const how = random.pick(["now", "before", "after"] as const);
    say(`the agent is killed (${how === "now" ? "now" : `${how} its next commit is on the disk`})`);
    tallies.count("agents killed");
    if (how === "now") world.kill();
    else world.ward.diesAt = how;
    world.transport.after(random.between(1_000, 8_000), () => {
      world.ward.diesAt = null;
      if (!world.ward.alive && !world.ward.diskFails) {
        say("the agent starts");
        world.restart();
      }
    });
  }
  private failDisk(): void {
    const { world, random, tallies, say } = this.scene;
    if (world.ward.diskFails || !world.ward.alive) return;
    say("the disk is full");
    tallies.count("disks full");
    world.ward.diskFails = true;
    world.transport.after(random.between(500, 30_000), () => {
      say("the disk has room");
      world.ward.diskFails = false;
      if (!world.ward.alive) world.restart();
    });
  }
  private stepClock(): void {
    const { world, random, tallies, say } = this.scene;
    const byMs = random.pick([3_600_000, -3_600_000, 86_400_000, 5_000, -5_000]);
    say(`the clock on the wall steps by ${byMs / 1_000} s`);
    tallies.count("clocks stepped");
    world.ward.wallOffsetMs += byMs;
  }
  private stickClock(): void {
    const { world, random, tallies, say } = this.scene;
    if (world.ward.stuckSinceMs !== null) return;
    say("the clock on the wall stands still");
    tallies.count("clocks stuck");
    world.ward.stuckSinceMs = world.ward.nowMs;
    world.transport.after(random.between(1_000, 20_000), () => {
      world.ward.stuckSinceMs = null;
    });
  }

  private flood(): void {
    const { world, tallies, say } = this.scene;
    const unit = this.unit();
    if (!unit.alive || unit.line.cut) return;
    say(`${unit.plan.bed} sends 200 frames at once`);
    tallies.count("floods");
    for (let n = 0; n < 200; n++) {
      const bytes = unit.frames.next(world.ward.nowMs, world.plan.startUtcMs + world.ward.nowMs);
      world.frameArrives(unit, bytes);
    }
  }
  private garbage(): void {
    const { world, random, tallies } = this.scene;
    const unit = this.unit();
    const size = random.pick([0, 1, 47, 48, 900, 70_000]);
    tallies.count("garbage");
    const bytes = new Uint8Array(size).map(() => Math.floor(256 * random.uniform()));
    world.frameArrives(unit, bytes);
  }
  /** Nothing happens for half an hour but time. */
  private leap(): void {
    this.scene.say("half an hour goes by");
    this.scene.tallies.count("leaps");
    this.scene.tallies.leap = true;
  }
}
