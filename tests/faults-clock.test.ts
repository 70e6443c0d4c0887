import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readEntry } from "../edge-agent/audit/entry.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/*
 * The wall clock of a whole unit and station, set by libfaketime while they run; the monotonic clock goes on, as it does in a machine
 * whose clock is set. Wants Debian's libfaketime (scripts/check-machine installs it).
 */

const libraries = "/usr/lib";
const faketime = readdirSync(libraries)
  .map((folder) => join(libraries, folder, "faketime"))
  .flatMap((folder) => {
    try {
      return readdirSync(folder)
        .filter((name) => name === "libfaketimeMT.so.1")
        .map((name) => join(folder, name));
    } catch {
      return [];
    }
  })[0];
const hourSec = 3_600;
/** DESIGN 1.5, and 1.8: ten steady seconds. */
const screenMsMax = 10_000;
const steadyMs = 10_000;

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
}, 60_000);

interface SetClock {
  readonly ward: RunningWard;
  /** Shows it as so many seconds beside the true time. */
  offset(seconds: number): void;
  /** It stands at this moment. */
  stand(utcMs: number): void;
}

async function wardWithClock(): Promise<SetClock> {
  const folder = mkdtempSync(join(tmpdir(), "quietround-clock-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "clock");
  const offset = (seconds: number): void => writeFileSync(file, `${seconds >= 0 ? "+" : ""}${seconds}\n`);
  offset(0);
  const clockEnv = {
    LD_PRELOAD: faketime,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_DISABLE_SHM: "1",
    TZ: "UTC",
  };
  const before = { ...process.env };
  // Every process of the machine has the same clock, the bridge too.
  Object.assign(process.env, clockEnv);
  const starting = runWard({ sensors: [{ port: { via: "simulated", seed: 7, scene: "asleep", speed: 1 } }] });
  const ward = await starting.finally(() => {
    for (const name of Object.keys(clockEnv)) delete process.env[name];
    Object.assign(process.env, before);
  });
  undo.push(() => ward.stop());
  const stand = (utcMs: number): void =>
    writeFileSync(file, `${new Date(utcMs).toISOString().slice(0, 19).replace("T", " ")}\n`);
  return { ward, offset, stand };
}

/** How far each step went, ms, as the audit log tells it. */
function stepsIn(dataDir: string): number[] {
  const db = openForReading(join(dataDir, "ward.sqlite"));
  try {
    return (db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Uint8Array[]).flatMap((bytes) => {
      const read = readEntry(new Uint8Array(bytes));
      if (!read.ok || read.entry.action !== "clock.step") return [];
      return typeof read.entry.detail.steppedMs === "number" ? [read.entry.detail.steppedMs] : [];
    });
  } finally {
    db.close();
  }
}

describe.skipIf(faketime === undefined)("the clock of a running ward", () => {
  it("that jumps an hour or a day, stands, drifts, or was asleep: sensing ends and the tile says so, consent lasts no longer, and it goes on alone", async () => {
    const { ward, offset, stand } = await wardWithClock();
    const tile = () => ward.tiles.get("room-1");
    const { stay, bedside } = await ward.admit("room-1");
    await ward.turnOn("room-1", stay, bedside);
    await ward.until("monitoring", () => tile()?.notMonitored === null);
    const endsOf = () => tile()?.consents.map(({ untilUtcMs }) => untilUtcMs);
    const ends = endsOf();
    const tookMs: number[] = [];
    const told = async (what: string, isIt: (steppedMs: number) => boolean): Promise<void> => {
      const known = stepsIn(ward.dataDir).length;
      const begun = performance.now();
      await ward.until(what, () => stepsIn(ward.dataDir).slice(known).some(isIt), screenMsMax);
      const seen = ward.history.length;
      await ward.until(
        `${what}, on the tile`,
        () => ward.history.length > seen && tile()?.notMonitored === "clock",
        screenMsMax,
      );
      tookMs.push(performance.now() - begun);
    };
    const about = (seconds: number) => (ms: number) => Math.abs(ms - 1_000 * seconds) < 3_000;

    offset(hourSec);
    await told("an hour ahead", about(hourSec));
    offset(0);
    await told("an hour back", about(-hourSec));
    offset(24 * hourSec);
    await told("a day ahead", about(24 * hourSec));
    offset(0);
    await told("a day back", about(-24 * hourSec));

    stand(Date.now());
    await told("standing", (ms) => ms < -2_000 && ms > -20_000);
    const accepted = tile()?.engineering.framesAccepted;
    offset(0);

    // A third faster than true, in steps that are each below what counts as one.
    let ahead = 0;
    const drifting = setInterval(() => {
      ahead += 0.25;
      offset(ahead);
    }, 750);
    undo.push(() => clearInterval(drifting));
    await told("drifting", (ms) => ms > 2_000 && ms < 10_000);
    clearInterval(drifting);
    expect(tile()?.engineering.framesAccepted).toBe(accepted);

    // Asleep for an hour: nothing runs, the monotonic clock stands, the wall clock went on.
    for (const part of ["agent", "bridge"]) ward.signal(part, "SIGSTOP");
    offset(ahead + hourSec);
    for (const part of ["agent", "bridge"]) ward.signal(part, "SIGCONT");
    await told("an hour asleep", about(hourSec));
    expect(Math.max(...tookMs)).toBeLessThan(screenMsMax);

    // What was asked for while the clock could not be trusted was done.
    expect(await ward.ask({ do: "turn-off", bed: "room-1", stay, purpose: "movement-alerts" }, bedside)).toMatchObject({
      ok: true,
    });
    await ward.until("monitoring again", () => tile()?.notMonitored === null, steadyMs + screenMsMax);
    expect(
      tile()
        ?.consents.map(({ state }) => state)
        .slice(0, 2),
    ).toEqual(["withdrawn", "granted"]);
    expect(endsOf()?.[1]).toBeLessThanOrEqual(ends?.[1] ?? 0);
  }, 180_000);
});
