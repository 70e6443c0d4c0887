import type { CoreEvent } from "../../edge-agent/contract/door.ts";
import type { FrameKind } from "../../edge-agent/contract/frames.ts";
import type { Random } from "../../firmware-bridge/simulator/random.ts";
import { everyMsOf, SensorFrames } from "./frames.ts";
import { type BedNight, isIn, type Night } from "./plan.ts";

type Status = Omit<Extract<CoreEvent, { kind: "sensor-status" }>, "at" | "utcMs">;

/** One bed's bridge: its sensors run while a lease says so, and fail when the night says so. */
export class NightBridge {
  private leasedUntilMs = Number.NEGATIVE_INFINITY;
  private told = new Map<FrameKind, string>();
  private readonly frames: readonly { readonly kind: FrameKind; readonly of: SensorFrames }[];
  private readonly plan: BedNight;
  private readonly night: Night;
  private streams = false;

  constructor(plan: BedNight, night: Night, random: Random) {
    this.plan = plan;
    this.night = night;
    this.frames = plan.sensors.map((kind, n) => ({ kind, of: new SensorFrames(kind, plan.truth, random.fork(n)) }));
  }

  lease(nowMs: number, forMs: number): void {
    this.leasedUntilMs = nowMs + forMs;
  }
  stop(): void {
    this.leasedUntilMs = Number.NEGATIVE_INFINITY;
  }
  /** Who heard it before is gone: everything is told again. */
  forgetTold(): void {
    this.told.clear();
  }

  /** What changed and reaches the agent. */
  statuses(nowMs: number): readonly Status[] {
    const atSec = nowMs / 1_000;
    const running = nowMs < this.leasedUntilMs;
    if (running && !this.streams) for (const { of } of this.frames) of.restart();
    this.streams = running;
    if (this.night.brokerGaps.some((gap) => isIn(gap, atSec))) return [];
    const fault = this.plan.faults.find((one) => isIn(one, atSec));
    const state = !running ? "off" : fault?.what === "lost" ? "lost" : "on";
    const health = running && fault?.what === "covered" ? "covered" : "ok";
    const news: Status[] = [];
    for (const { kind, of } of this.frames) {
      const before = this.told.get(kind);
      if (before === `${state} ${health}`) continue;
      if (before?.startsWith("lost") === true) of.restart();
      this.told.set(kind, `${state} ${health}`);
      news.push({ kind: "sensor-status", sensor: kind, state, health, detail: "as the night has it" });
    }
    return news;
  }

  /** Frames that are due now and reach the agent. */
  *due(nowMs: number, utcMs: number): Iterable<{ readonly sensor: string; readonly bytes: Uint8Array }> {
    if (nowMs >= this.leasedUntilMs) return;
    const atSec = nowMs / 1_000;
    if (this.night.brokerGaps.some((gap) => isIn(gap, atSec))) return;
    const fault = this.plan.faults.find((one) => isIn(one, atSec))?.what;
    if (fault === "lost" || fault === "silent") return;
    for (const { kind, of } of this.frames) {
      if (nowMs % everyMsOf[kind] === 0) yield { sensor: kind, bytes: of.next(nowMs, utcMs) };
    }
  }
}
