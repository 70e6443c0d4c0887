import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EnvelopeHeader, RadarIqFrame } from "../edge-agent/contract/frames.ts";
import { monoMs, utcMs } from "../edge-agent/contract/units.ts";
import type { SensorLine } from "./line-parts.ts";
import { type Port, PortError } from "./ports/port.ts";
import { newSensorLine } from "./sensor-line.ts";
import { acconeerA121 } from "./sensors/acconeer-a121.ts";
import type { Sensor } from "./sensors/sensor.ts";
import { bedroomMetadata } from "./simulator/bedroom.ts";
import { type ExplorationServer, newExplorationServer } from "./simulator/exploration-server.ts";
import type { RadarFrameSource } from "./simulator/frame-source.ts";

/** Every sample 7; the sensor's clock jumps by 5 s after each 40 frames. */
function newSource(): RadarFrameSource {
  let at = 0;
  return {
    metadata: bedroomMetadata,
    frameRateHz: 20,
    restart() {
      at = 0;
    },
    next() {
      const tick = at * 50_000 + Math.floor(at / 40) * 5_000_000;
      at += 1;
      return {
        tick,
        temperature: 20,
        data_saturated: false,
        frame_delayed: false,
        calibration_needed: false,
        payload: new Uint8Array(new Int16Array(2 * bedroomMetadata.frame_data_length).fill(7).buffer),
      };
    },
  };
}

/** A world of one sensor: a stand-in server, a cable that can be cut, a lease, and a clock that the test moves. */
class World {
  nowMs = 0;
  leased = false;
  wanted = false;
  reachable = true;
  /** The server hears and sends nothing. */
  mute = false;
  readonly frames: { readonly header: EnvelopeHeader; readonly firstSample: number; readonly covered: boolean }[] = [];
  readonly kept: RadarIqFrame[] = [];
  readonly delivered: Uint8Array[] = [];
  decoded = 0;
  connection:
    | { server: ExplorationServer; bytes: (bytes: Uint8Array) => void; cut: (why: PortError) => void }
    | undefined;
  readonly line: SensorLine;

  constructor() {
    const sensor: Sensor<RadarIqFrame> = {
      ...acconeerA121,
      newTalk: () => {
        const talk = acconeerA121.newTalk();
        return {
          ...talk,
          decode: (framed, arrivedUs) => {
            this.decoded += 1;
            return talk.decode(framed, arrivedUs);
          },
        };
      },
    };
    this.line = newSensorLine({
      sensor,
      newPort: () => this.newPort(),
      clock: { monoMs: () => monoMs(this.nowMs), utcMs: () => utcMs(this.nowMs), monoNs: () => BigInt(this.nowMs) },
      mayPass: () => this.leased,
      onFrame: (header, frame) => {
        this.frames.push({ header, firstSample: frame.iq[0] ?? 0, covered: this.leased && this.wanted });
        this.kept.push(frame);
      },
      onChange: () => {},
      random: () => 0,
    });
  }

  private newPort(): Port {
    let bytes: Parameters<Port["onBytes"]>[0] = () => {};
    let cut: (why: PortError) => void = () => {};
    const server = newExplorationServer(newSource(), 1);
    const connection = { server, bytes: (one: Uint8Array) => bytes(one, "data"), cut: (why: PortError) => cut(why) };
    return {
      open: () => {
        if (!this.reachable) return Promise.reject(new PortError("refused", "connection refused"));
        this.connection = connection;
        return Promise.resolve();
      },
      onBytes: (listener) => {
        bytes = listener;
      },
      onClose: (listener) => {
        cut = listener;
      },
      write: (command) => {
        if (this.mute || this.connection !== connection) return;
        const answers = server.take(command, this.nowMs);
        queueMicrotask(() => {
          for (const answer of answers) if (this.connection === connection) this.deliver(answer);
        });
      },
      close: () => {
        if (this.connection === connection) this.connection = undefined;
      },
    };
  }

  deliver(bytes: Uint8Array): void {
    this.delivered.push(bytes);
    this.connection?.bytes(bytes);
  }
  wish(wanted: "on" | "off"): void {
    this.wanted = wanted === "on";
    this.line.wish(wanted);
  }
  cut(): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.cut(new PortError("closed-by-sensor", "connection closed"));
  }
  get streaming(): boolean {
    return this.connection?.server.nextDueMs !== undefined;
  }
  async pass(ms: number): Promise<void> {
    for (let k = 0; k < ms; k += 50) {
      this.nowMs += 50;
      if (!this.mute) for (const frame of this.connection?.server.due(this.nowMs) ?? []) this.deliver(frame);
      await vi.advanceTimersByTimeAsync(50);
      // Never said to be off while it streams.
      if (this.line.state === "off") expect(this.streaming).toBe(false);
    }
  }
}

describe("a sensor line", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const started = async (): Promise<World> => {
    const world = new World();
    world.line.start(new AbortController().signal);
    await world.pass(100);
    return world;
  };

  it("overwrites every frame's bytes once they are handed on", async () => {
    const world = await started();
    world.leased = true;
    world.wish("on");
    await world.pass(1_000);
    expect(world.frames.length).toBeGreaterThan(10);
    expect(world.frames.every(({ firstSample }) => firstSample === 7)).toBe(true);
    expect(world.kept.every(({ iq }) => iq.every((sample) => sample === 0))).toBe(true);
    expect(world.delivered.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  it("does not look into a frame without a lease", async () => {
    const world = await started();
    world.leased = true;
    world.wish("on");
    await world.pass(500);
    const before = world.decoded;
    expect(before).toBe(world.frames.length);
    world.leased = false;
    await world.pass(500);
    expect(world.decoded).toBe(before);
    expect(world.line.counts.framesRefused).toBe(10);
  });

  it("takes a new boot id where the sensor's clock jumps", async () => {
    const world = await started();
    world.leased = true;
    world.wish("on");
    await world.pass(4_500);
    const boots = [...new Set(world.frames.map(({ header }) => header.bootId))];
    expect(boots.length).toBe(3);
    expect(
      world.frames.filter(({ header }) => header.bootId === boots[1]).map(({ header }) => header.sequence),
    ).toEqual(Array.from({ length: 40 }, (_, k) => k));
  });

  it("says lost within 5 s of the last frame when the sensor falls silent, and comes back by itself", async () => {
    const world = await started();
    world.leased = true;
    world.wish("on");
    await world.pass(500);
    expect(world.line.state).toBe("on");
    world.mute = true;
    await world.pass(2_500);
    expect(world.line.state).toBe("on");
    await world.pass(1_000);
    expect(world.line.state).toBe("lost");
    await world.pass(3_000);
    expect(world.line.state).toBe("lost");
    world.mute = false;
    await world.pass(6_000);
    expect(world.line.state).toBe("on");
  });

  it("tries slower and slower, but at once when it is wished on", async () => {
    const world = new World();
    world.reachable = false;
    world.line.start(new AbortController().signal);
    await world.pass(20_000);
    expect(world.line.state).toBe("unknown");
    expect(world.line.detail).toBe("connection refused; next try in 5.0 s");
    world.reachable = true;
    world.leased = true;
    world.wish("on");
    await world.pass(100);
    expect(world.line.state).toBe("on");
  });

  it("closes a connection that does not confirm a stop, and never calls it off", async () => {
    const world = await started();
    world.leased = true;
    world.wish("on");
    await world.pass(500);
    world.mute = true;
    world.wish("off");
    expect(world.line.state).toBe("stopping");
    await world.pass(2_000);
    expect(world.line.state).toBe("unknown");
    world.mute = false;
    await world.pass(6_000);
    expect(world.line.state).toBe("off");
  });

  it("whatever happens: frames only under a lease, in order, and in the end as wished", async () => {
    const act = fc.oneof(
      fc
        .constantFrom("on", "off", "lease", "lease-ends", "cut", "unplug", "plug", "mute", "unmute", "restart")
        .map((what) => ({ what, ms: 0 })),
      fc.integer({ min: 50, max: 4_000 }).map((ms) => ({ what: "pass", ms })),
      fc.uint8Array({ minLength: 1, maxLength: 60 }).map((noise) => ({ what: "noise", ms: 0, noise })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 20 }), async (acts) => {
        const world = await started();
        for (const one of acts) {
          if (one.what === "on" || one.what === "off") world.wish(one.what);
          if (one.what === "lease" || one.what === "lease-ends") world.leased = one.what === "lease";
          if (one.what === "cut") world.cut();
          if (one.what === "unplug" || one.what === "plug") world.reachable = one.what === "plug";
          if (one.what === "mute" || one.what === "unmute") world.mute = one.what === "mute";
          if (one.what === "restart") world.line.restart();
          if ("noise" in one) world.deliver(one.noise.slice());
          await world.pass(Math.max(50, one.ms));
        }
        world.reachable = true;
        world.mute = false;
        world.leased = true;
        world.wish("off");
        await world.pass(12_000);
        expect(world.line.state).toBe("off");
        const before = world.frames.length;
        world.wish("on");
        await world.pass(12_000);
        expect(world.line.state).toBe("on");
        expect(world.frames.length).toBeGreaterThan(before);

        expect(world.frames.every(({ covered }) => covered)).toBe(true);
        const next = new Map<string, number>();
        for (const { header } of world.frames) {
          expect(header.sequence).toBe(next.get(header.bootId) ?? 0);
          next.set(header.bootId, header.sequence + 1);
        }
        const ended = world.line.stop();
        await world.pass(2_000);
        await ended;
        expect(world.streaming).toBe(false);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
