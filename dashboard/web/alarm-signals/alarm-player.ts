import { burstMs, everyMs } from "./pulses.ts";
import { alarmSignals, type Pattern, soundOf } from "./signal-table.ts";
import { playBurst, type SoundingBurst } from "./sound.ts";

/**
 * So far ahead bursts are laid out in the audio clock: a page whose timers are slowed (once a minute in a hidden one) or that stands
 * still goes on sounding what was due when it last looked.
 */
const aheadSec = 70;

export interface PlayerDevice {
  readonly context: AudioContext;
  /** On a phone; does nothing elsewhere. */
  readonly vibrate: (pattern: readonly number[]) => void;
}

interface LaidOut {
  readonly startsSec: number;
  readonly endsSec: number;
  readonly sounding: SoundingBurst;
}

/** Plays what alarm-audio.ts says is due, until it says something else. Call `play` about twice a second. */
export class AlarmPlayer {
  private readonly device: PlayerDevice;
  private pattern: Pattern | null = null;
  private laidOut: LaidOut[] = [];
  private nextSec = 0;
  private vibratedAtMs = Number.NEGATIVE_INFINITY;

  constructor(device: PlayerDevice) {
    this.device = device;
  }

  /** @param fresh an alarm of this pattern has just come up: it is not kept waiting for the pattern's next turn. */
  play(pattern: Pattern | null, fresh: boolean): void {
    const nowSec = this.device.context.currentTime;
    this.laidOut = this.laidOut.filter(({ endsSec }) => endsSec > nowSec);
    // Whoever hears a burst hears the new alarm as well; a burst that is broken off would be no pattern of the standard.
    const betweenBursts = !this.laidOut.some(({ startsSec }) => startsSec <= nowSec);
    if (pattern !== this.pattern || (fresh && betweenBursts)) this.change(pattern, nowSec);
    // A blocked browser says so in its console at each tone; once it is woken, the next look comes at once.
    if (this.device.context.state === "running") this.layOut(nowSec);
    this.vibrate();
  }

  /** Each pattern once, one after another, instead of what is playing. Returns how long that takes. */
  playOnce(patterns: readonly Pattern[]): number {
    const startSec = this.device.context.currentTime;
    this.change(null, startSec);
    let atSec = startSec;
    for (const pattern of patterns) {
      this.lay(pattern, atSec);
      const burst = soundOf(pattern);
      atSec += burst === null ? 0 : burstMs(burst) / 1_000 + 1.2;
    }
    this.device.vibrate(alarmSignals.high.vibrateMs);
    return (atSec - startSec) * 1_000;
  }

  private change(pattern: Pattern | null, nowSec: number): void {
    for (const { sounding } of this.laidOut) sounding.stop();
    this.laidOut = [];
    if (this.pattern !== null) this.device.vibrate([]);
    this.pattern = pattern;
    this.nextSec = nowSec;
    this.vibratedAtMs = Number.NEGATIVE_INFINITY;
  }

  private layOut(nowSec: number): void {
    const burst = this.pattern === null ? null : soundOf(this.pattern);
    if (this.pattern === null || burst === null) return;
    // After a sleep of the machine there is nothing to catch up with.
    this.nextSec = Math.max(this.nextSec, nowSec);
    while (this.nextSec < nowSec + aheadSec) {
      this.lay(this.pattern, this.nextSec);
      this.nextSec += everyMs(burst) / 1_000;
    }
  }

  private lay(pattern: Pattern, startsSec: number): void {
    const burst = soundOf(pattern);
    if (burst === null) return;
    const { context } = this.device;
    const sounding = playBurst(context, context.destination, burst, startsSec);
    this.laidOut.push({ startsSec, endsSec: startsSec + burstMs(burst) / 1_000, sounding });
  }

  private vibrate(): void {
    if (this.pattern === null || this.pattern === "reminder") return;
    const burst = soundOf(this.pattern);
    const nowMs = performance.now();
    if (burst === null || nowMs - this.vibratedAtMs < everyMs(burst)) return;
    this.vibratedAtMs = nowMs;
    this.device.vibrate(alarmSignals[this.pattern].vibrateMs);
  }
}
