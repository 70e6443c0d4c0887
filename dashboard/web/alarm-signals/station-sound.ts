import { soundBanner } from "../components/alarm-sound/sound-banner.ts";
import { soundPanel } from "../components/alarm-sound/sound-panel.ts";
import type { Alert } from "../components/alert-list/alert-list.ts";
import { part } from "../part.ts";
import { draw } from "../render.ts";
import {
  type AlarmAudio,
  type AudioState,
  audioPauseMsMax,
  quietAudio,
  type Sounding,
  stepAudio,
  type WaitingAlarm,
  wardPauseMsMax,
} from "./alarm-audio.ts";
import { AlarmPlayer } from "./alarm-player.ts";
import { AudioDevice } from "./audio-device.ts";
import { keepFlashInStep } from "./flash-step.ts";
import { OwnSound, thisScreen, type WardSound } from "./own-sound.ts";
import { ScreenWatch } from "./screen-watch.ts";
import { doubtsOf, pictureLateAfterMs, type SoundFacts } from "./sound-doubts.ts";
import { noTest, type SoundTest, stepTest, testedPatterns } from "./sound-test.ts";
import { WakeLock } from "./wake-lock.ts";

const lookEveryMs = 500;

/** What the agent is asked for; each null: this screen does it for itself, or, for `off`, nobody here may. */
export interface SoundAsks {
  readonly pause: ((ms: number) => void) | null;
  /** How long one touch pauses: what the site allows. */
  readonly pauseMs: number;
  /** Ends a pause, and audio off. */
  readonly resume: (() => void) | null;
  /** Of the nurse in charge only. */
  readonly off: ((reason: string) => void) | null;
  /** A test of the sound begins. */
  readonly begin: (() => void) | null;
  readonly heard: ((heard: boolean) => void) | null;
}
export const nobodyAsked: SoundAsks = {
  pause: null,
  pauseMs: audioPauseMsMax,
  resume: null,
  off: null,
  begin: null,
  heard: null,
};

export interface SoundInput {
  readonly alerts: readonly Alert[];
  readonly live: boolean;
  /** The agent's clock. */
  readonly nowUtcMs: number;
}

/** The ward board shows everything; another page only what is wrong, sounds, or is held back. */
export type SoundPlace = "board" | "aside";

/** The sound of one station: what plays, whether it may not be heard, its test and its pause. Draws #sound and #sound-doubt. */
export class StationSound {
  private readonly place: SoundPlace;
  private readonly asks: SoundAsks;
  private readonly own = new OwnSound();
  private readonly device = new AudioDevice();
  private readonly player: AlarmPlayer | null;
  private readonly screen = new ScreenWatch(document);
  private readonly wakeLock = new WakeLock();
  private readonly title = document.title;
  private input: SoundInput = { alerts: [], live: true, nowUtcMs: Date.now() };
  /** Null: the agent says nothing of it. */
  private ward: WardSound | null = null;
  private inputAtMs = performance.now();
  private audio: AlarmAudio = quietAudio;
  private test: SoundTest = noTest;
  private choosingOff = false;
  private readonly troubles = new Map<string, number>();

  constructor(place: SoundPlace, asks: SoundAsks = nobodyAsked) {
    this.place = place;
    this.asks = asks;
    const { context } = this.device;
    this.player = context === null ? null : new AlarmPlayer({ context, vibrate: vibratePhone });
  }

  start(): void {
    this.device.wakeOnTouch(document);
    document.addEventListener("visibilitychange", () => this.look());
    this.device.context?.addEventListener("statechange", () => this.look());
    setInterval(() => this.look(), lookEveryMs);
  }

  update(input: SoundInput): void {
    this.input = input;
    this.inputAtMs = performance.now();
    this.look();
  }

  /** What the agent says of the sound of its stations, whenever it says it. */
  hearWard(ward: WardSound): void {
    this.ward = ward;
    this.look();
  }

  private get nowUtcMs(): number {
    return this.input.nowUtcMs + performance.now() - this.inputAtMs;
  }

  /** Independent of the live feed and of whatever else the page draws. */
  private look(): void {
    const nowMs = performance.now();
    const { live } = this.input;
    const { ward } = this;
    const facts: SoundFacts = {
      ...this.screen.look(nowMs),
      audio: this.device.look(nowMs),
      screen: this.wakeLock.look(nowMs),
      live,
      tested: ward === null ? this.own.sound.soundTest : ward.soundTest,
      nowUtcMs: this.nowUtcMs,
    };
    const sounding = this.sound(facts);
    this.test = stepTest(this.test, nowMs, sounding.pattern !== null && sounding.pattern !== "reminder");
    if (this.test.is !== "playing") this.player?.play(sounding.pattern, sounding.fresh);
    keepFlashInStep(document);
    this.draw(facts, sounding);
  }

  private sound(facts: SoundFacts): Sounding {
    const waiting: WaitingAlarm[] = this.input.alerts.filter(({ acknowledged }) => acknowledged === null);
    this.noteTrouble("this-screen-not-live", !facts.live, facts.nowUtcMs);
    this.noteTrouble("this-screen-stands-still", facts.pictureLateMs > pictureLateAfterMs, facts.nowUtcMs);
    for (const [id, raisedAt] of this.troubles) waiting.push({ id, priority: "medium", raisedAt });
    const stepped = stepAudio(this.audio, {
      waiting,
      audio: this.audioState(),
      nowUtcMs: facts.nowUtcMs,
      // The agent holds the ward's pauses to what the site allows.
      pauseMsMax: this.ward === null ? audioPauseMsMax : wardPauseMsMax,
      screenAgeMs: performance.now(),
    });
    this.audio = stepped.state;
    return stepped.sounding;
  }

  /** A failure of the alarm system is itself to be heard: nobody looks at a screen that went quiet. */
  private noteTrouble(id: string, wrong: boolean, nowUtcMs: number): void {
    if (!wrong) this.troubles.delete(id);
    else if (!this.troubles.has(id)) this.troubles.set(id, nowUtcMs);
  }

  /** The ward's, and this screen's own pause where the agent cannot be asked. */
  private audioState(): AudioState {
    const [ward, own] = [this.ward?.audio ?? null, this.own.sound.audio];
    if (ward === null) return own;
    const ownIsNewer = own.paused !== null && own.paused.sinceUtcMs > (ward.paused?.sinceUtcMs ?? 0);
    return { off: ward.off, paused: ownIsNewer ? own.paused : ward.paused };
  }

  private draw(facts: SoundFacts, sounding: Sounding): void {
    const doubts = doubtsOf(facts).filter(({ is }) => this.place === "board" || is !== "not-tested");
    const acts = {
      turnOn: () => this.device.wake(),
      test: () => this.startTest(),
      answer: (heard: boolean) => this.answer(heard),
      pause: () => this.pause(),
      pauseMs: this.asks.pauseMs,
      resume: () => this.resume(),
      off: this.asks.off,
      chooseOff: () => {
        this.choosingOff = !this.choosingOff;
        this.look();
      },
    };
    // An alarm comes first: the place that it needs on a phone is not for a test that can wait.
    const alarm = sounding.pattern !== null && sounding.pattern !== "reminder";
    const told = doubts.filter(({ is }) => !alarm || is !== "not-tested");
    draw(part("sound-doubt"), soundBanner(told, this.test, acts));
    const calm = sounding.pattern === null && sounding.shown.is === "on";
    draw(part("sound"), this.place === "aside" && calm ? [] : soundPanel(sounding, doubts, this.choosingOff, acts));
    // The one thing of a hidden page that is still seen.
    const worst = doubts.some(({ is }) => is !== "not-tested");
    document.title = worst ? `Alarms may not sound - ${this.title}` : this.title;
  }

  private startTest(): void {
    this.device.wake();
    this.asks.begin?.();
    const lengthMs = this.player?.playOnce(testedPatterns) ?? 0;
    this.test = { is: "playing", untilMs: performance.now() + lengthMs };
    this.look();
  }

  private answer(heard: boolean): void {
    this.test = noTest;
    this.own.change({ soundTest: { atUtcMs: this.nowUtcMs, heard } });
    this.asks.heard?.(heard);
    this.look();
  }

  private pause(): void {
    if (this.asks.pause !== null && this.input.live) {
      this.asks.pause(this.asks.pauseMs);
      return;
    }
    const sinceUtcMs = this.nowUtcMs;
    const paused = {
      sinceUtcMs,
      untilUtcMs: sinceUtcMs + Math.min(this.asks.pauseMs, audioPauseMsMax),
      by: thisScreen,
    };
    this.own.change({ audio: { paused, off: null } });
    this.look();
  }

  private resume(): void {
    this.own.change({ audio: { paused: null, off: null } });
    if (this.input.live) this.asks.resume?.();
    this.look();
  }
}

/** Browsers refuse, and say so in the console, before anybody has touched the page. */
function vibratePhone(pattern: readonly number[]): void {
  if ("vibrate" in navigator && navigator.userActivation.hasBeenActive) navigator.vibrate([...pattern]);
}
