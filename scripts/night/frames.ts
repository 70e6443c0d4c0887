import {
  type EnvelopeHeader,
  encodeDepth,
  encodeEnvelope,
  encodeRadarIq,
  type FrameKind,
} from "../../edge-agent/contract/frames.ts";
import { encodeRadarTargets, encodeRadarVitals, saysNothing } from "../../edge-agent/contract/module-frames.ts";
import { deviceUs, utcMs } from "../../edge-agent/contract/units.ts";
import type { Random } from "../../firmware-bridge/simulator/random.ts";
import { moves } from "./answers.ts";
import { isInRoom, type Truth, truthAt } from "./truth.ts";

/** How long from one frame of a sensor to its next. */
export const everyMsOf: Readonly<Record<FrameKind, number>> = {
  depth: 100,
  "radar-iq": 50,
  "radar-vitals": 1_000,
  "radar-targets": 1_000,
};

/** One sensor's frames of a scripted night: whole envelopes, as a bridge sends them. */
export class SensorFrames {
  private sequence = 0;
  private readonly kind: FrameKind;
  private readonly truth: Truth;
  private readonly random: Random;
  private bootId: string;

  constructor(kind: FrameKind, truth: Truth, random: Random) {
    this.kind = kind;
    this.truth = truth;
    this.random = random;
    this.bootId = bootOf(random);
  }

  /** The sensor was away and starts anew. */
  restart(): void {
    this.bootId = bootOf(this.random);
    this.sequence = 0;
  }

  next(nightMs: number, capturedUtcMs: number): Uint8Array {
    const header: EnvelopeHeader = {
      kind: this.kind,
      bootId: this.bootId,
      sequence: this.sequence,
      deviceUs: deviceUs(nightMs * 1_000),
      capturedAt: utcMs(capturedUtcMs),
    };
    this.sequence += 1;
    return encodeEnvelope(header, this.payload(nightMs));
  }

  private payload(nightMs: number): Uint8Array {
    switch (this.kind) {
      case "depth":
        return this.depth(nightMs);
      case "radar-iq":
        return this.radarIq();
      case "radar-vitals":
        return this.vitals(nightMs);
      case "radar-targets": {
        const { doing } = truthAt(this.truth, nightMs / 1_000);
        const present = isInRoom(doing);
        const movement = !present ? 0 : moves(doing) ? this.random.between(55, 95) : this.random.between(0, 20);
        return encodeRadarTargets({
          ...saysNothing(1),
          present,
          moving: present && movement > 50,
          movement,
          targets: [],
        });
      }
    }
  }

  /** Only noise and a chest: what is seen in it is the models' to say. */
  private depth(nightMs: number): Uint8Array {
    const chestMm = this.chestMm(nightMs);
    const mm = new Uint16Array(64);
    for (let pixel = 0; pixel < 64; pixel++) mm[pixel] = Math.round(1_300 + 8 * this.random.uniform() - chestMm);
    return encodeDepth({ widthPx: 8, heightPx: 8, frameRateHz: 10, acrossDeg: 45, downDeg: 45, mm });
  }

  private radarIq(): Uint8Array {
    const iq = new Int16Array(2 * 16 * 21);
    for (let i = 0; i < iq.length; i++) iq[i] = Math.floor(97 * this.random.uniform()) - 48;
    return encodeRadarIq({
      sweeps: 16,
      points: 21,
      firstPointMm: 298,
      pointStepMm: 60,
      frameRateHz: 20,
      saturated: false,
      delayed: false,
      calibrationNeeded: false,
      temperatureC: 25,
      iq,
    });
  }

  private vitals(nightMs: number): Uint8Array {
    const { doing } = truthAt(this.truth, nightMs / 1_000);
    const present = isInRoom(doing);
    const movement = !present ? 0 : moves(doing) ? this.random.between(55, 95) : this.random.between(1, 20);
    const wave = new Float32Array(10);
    for (let n = 0; n < 10; n++) wave[n] = this.chestMm(nightMs - 900 + 100 * n) + this.random.uniform();
    return encodeRadarVitals({
      ...saysNothing(1),
      present,
      moving: present && movement > 50,
      movement,
      confidence: null,
      waveStepUs: 100_000,
      wave,
    });
  }

  private chestMm(nightMs: number): number {
    const { perMin, breathes, doing } = truthAt(this.truth, Math.max(0, nightMs / 1_000));
    return breathes && isInRoom(doing) ? 6 * Math.sin((2 * Math.PI * perMin * nightMs) / 60_000) : 0;
  }
}

function bootOf(random: Random): string {
  let hex = "";
  for (let n = 0; n < 32; n++) hex += Math.floor(16 * random.uniform()).toString(16);
  return hex;
}
