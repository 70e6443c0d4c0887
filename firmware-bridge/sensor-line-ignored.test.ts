import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EnvelopeHeader } from "../edge-agent/contract/frames.ts";
import { monoMs, utcMs } from "../edge-agent/contract/units.ts";
import type { SensorLine } from "./line-parts.ts";
import { type Port, PortError } from "./ports/port.ts";
import { newSensorLine } from "./sensor-line.ts";
import { mr60bha2Says, seeedMr60bha2 } from "./sensors/seeed-mr60bha2.ts";
import type { LineSensor } from "./sensors/sensor.ts";

/** A world of one sensor that sends for ever, a cable that can be cut, a lease, and a clock that the test moves. */
class World {
  nowMs = 0;
  leased = false;
  wanted = false;
  reachable = true;
  mute = false;
  decoded = 0;
  /** Bytes that reached this process while nothing was wished. */
  readUnwished = 0;
  readonly written: Uint8Array[] = [];
  readonly delivered: Uint8Array[] = [];
  readonly frames: { readonly header: EnvelopeHeader; readonly covered: boolean }[] = [];
  open: { bytes: (bytes: Uint8Array) => void; cut: (why: PortError) => void } | undefined;
  readonly line: SensorLine;

  constructor(sensor: LineSensor = seeedMr60bha2) {
    this.line = newSensorLine({
      sensor: {
        ...sensor,
        newTalk: () => {
          const talk = sensor.newTalk();
          const decode: typeof talk.decode = (framed, arrivedUs) => {
            this.decoded += 1;
            return talk.decode(framed, arrivedUs);
          };
          return { ...talk, decode };
        },
      },
      newPort: () => this.newPort(),
      clock: { monoMs: () => monoMs(this.nowMs), utcMs: () => utcMs(this.nowMs), monoNs: () => BigInt(this.nowMs) },
      mayPass: () => this.leased,
      onFrame: (header) => this.frames.push({ header, covered: this.leased && this.wanted }),
      onChange: () => {},
      random: () => 0,
      retryMsMax: 1_000,
    });
    this.line.start(new AbortController().signal);
  }

  private newPort(): Port {
    const own = { bytes: (_: Uint8Array): void => {}, cut: (_: PortError): void => {} };
    return {
      open: () => {
        if (!this.reachable) return Promise.reject(new PortError("missing", "no device"));
        this.open = own;
        return Promise.resolve();
      },
      onBytes: (listener) => {
        own.bytes = (bytes) => listener(bytes, "data");
      },
      onClose: (listener) => {
        own.cut = listener;
      },
      write: (bytes) => this.written.push(bytes),
      close: () => {
        if (this.open === own) this.open = undefined;
      },
    };
  }

  deliver(bytes: Uint8Array): void {
    if (this.open === undefined) return;
    if (!this.wanted) this.readUnwished += bytes.length;
    this.delivered.push(bytes);
    this.open.bytes(bytes);
  }
  wish(wanted: "on" | "off"): void {
    this.wanted = wanted === "on";
    this.line.wish(wanted);
  }
  cut(): void {
    const { open } = this;
    this.open = undefined;
    open?.cut(new PortError("closed-by-sensor", "unplugged"));
  }
  async pass(ms: number): Promise<void> {
    for (let k = 0; k < ms; k += 50) {
      this.nowMs += 50;
      if (!this.mute) this.deliver(mr60bha2Says.phases(this.nowMs & 0xffff, 1, 0.5, 0.1));
      await vi.advanceTimersByTimeAsync(50);
      if (this.line.state === "ignored") expect(this.open).toBeUndefined();
      expect(this.line.state).not.toBe("off");
    }
  }
}

describe("a line to a sensor that cannot be stopped", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("opens nothing and says ignored before anything is wished; writes nothing to it at any time", async () => {
    const world = new World();
    await world.pass(5_000);
    expect([world.line.state, world.line.detail]).toEqual(["ignored", "not read: this sensor cannot be stopped"]);
    world.leased = true;
    world.wish("on");
    await world.pass(1_000);
    expect(world.line.state).toBe("on");
    expect(world.frames.length).toBeGreaterThan(10);
    world.wish("off");
    expect([world.line.state, world.open]).toEqual(["ignored", undefined]);
    await world.pass(1_000);
    expect([world.readUnwished, world.written]).toEqual([0, []]);
    expect(world.delivered.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  it("is on from the first measurement, and lost where none comes within 3 s", async () => {
    const world = new World();
    world.leased = true;
    world.mute = true;
    world.wish("on");
    await world.pass(2_000);
    expect(world.line.state).toBe("starting");
    world.mute = false;
    await world.pass(100);
    expect(world.line.state).toBe("on");
    world.mute = true;
    await world.pass(4_000);
    expect(world.line.state).toBe("lost");
    await world.pass(5_000);
    expect(world.line.state).toBe("lost");
    world.mute = false;
    await world.pass(1_500);
    expect(world.line.state).toBe("on");
  });

  it("is not lost between the words of a sensor that speaks seldom", async () => {
    const world = new World({ ...seeedMr60bha2, frameRateHz: 0.2 });
    world.leased = true;
    world.wish("on");
    await world.pass(200);
    world.mute = true;
    await world.pass(14_000);
    expect(world.line.state).toBe("on");
    await world.pass(2_000);
    expect(world.line.state).toBe("lost");
  });

  it("does not look into a frame without a lease", async () => {
    const world = new World();
    world.wish("on");
    await world.pass(500);
    expect(world.line.state).toBe("on");
    expect([world.decoded, world.frames.length]).toEqual([0, 0]);
    expect(world.line.counts.framesRefused).toBeGreaterThan(5);
  });

  it("whatever happens: frames only under a lease and a wish, in order, and in the end as wished", async () => {
    const act = fc.oneof(
      fc
        .constantFrom("on", "off", "lease", "lease-ends", "cut", "unplug", "plug", "mute", "unmute", "restart")
        .map((what) => ({ what, ms: 0 })),
      fc.integer({ min: 50, max: 4_000 }).map((ms) => ({ what: "pass", ms })),
      fc.uint8Array({ minLength: 1, maxLength: 60 }).map((noise) => ({ what: "noise", ms: 0, noise })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 20 }), async (acts) => {
        const world = new World();
        for (const one of acts) {
          if (one.what === "on" || one.what === "off") world.wish(one.what);
          if (one.what === "lease" || one.what === "lease-ends") world.leased = one.what === "lease";
          if (one.what === "cut") world.cut();
          if (one.what === "unplug" || one.what === "plug") world.reachable = one.what === "plug";
          if (one.what === "mute" || one.what === "unmute") world.mute = one.what === "mute";
          if (one.what === "restart") world.line.restart();
          if ("noise" in one) world.deliver(one.noise.slice());
          await world.pass(Math.max(50, one.ms));
          if (!world.wanted) expect(world.line.state).toBe("ignored");
        }
        world.reachable = true;
        world.mute = false;
        world.leased = true;
        world.wish("off");
        expect(world.line.state).toBe("ignored");
        const before = world.frames.length;
        world.wish("on");
        // Plugged in all the time from here: within 5 s.
        await world.pass(5_000);
        expect(world.line.state).toBe("on");
        expect(world.frames.length).toBeGreaterThan(before);
        expect(world.frames.every(({ covered }) => covered)).toBe(true);
        expect(world.readUnwished).toBe(0);
        const next = new Map<string, number>();
        for (const { header } of world.frames) {
          expect(header.sequence).toBe(next.get(header.bootId) ?? 0);
          next.set(header.bootId, header.sequence + 1);
        }
        const ended = world.line.stop();
        await world.pass(100);
        await ended;
        expect([world.open, world.line.state, world.line.bootId]).toEqual([undefined, "ignored", null]);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
