import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { haveBrowser, launchBrowser } from "../../tests/dashboard-browser.ts";
import { buildWeb } from "../build-web.ts";
import { judge } from "./judge.ts";
import { type Machines, makeMachines, noNamespaces, removeMachines, setCable } from "./namespaces.ts";
import { expectedOf } from "./observer.ts";
import { asNight, outBed, stillRadar } from "./real-plan.ts";
import { openRealWard, type RunningBed, untilServed } from "./real-ward.ts";
import { type Figure, writeReport } from "./report.ts";
import { StationPage } from "./station-page.ts";
import type { Expected, Told } from "./told.ts";
import { UnitsApart } from "./units-apart.ts";

/*
 * The night across machines: a station and two bedroom units in network namespaces, mosquitto with mutual TLS between them, and the
 * cable of one unit pulled out in the middle.
 */

const inside = fileURLToPath(new URL("apart-inside.ts", import.meta.url));
/** Radar, and modules that tell numbers: depth stays on its machine. */
const plan = [
  { device: "unit-1", bed: outBed(1) },
  { device: "unit-1", bed: stillRadar(2) },
  { device: "unit-2", bed: outBed(3) },
] as const;
const cutUnit = 1;
/** After the first walk of the night and before the second (config/scenes/night-out.json). */
const cutAtSec = 185;
const cutForSec = 60;
const endsAtSec = 345;
/** A lease of 30 s ends sensing by itself, give or take a timer; what breaks shows within 10 s, and mends by itself within 10 s. */
const limits = { sensingEndsSec: 30.2, tileSaysSec: 10, recoversSec: 10 };
const settleSec = 8;
const answersAfterMs = 3_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes the machines, and runs the night in the station's. @returns what is wrong */
export async function partApart(out: string): Promise<readonly string[]> {
  const why = noNamespaces();
  if (why !== undefined) return [`no network namespaces, so nothing was tried: ${why}`];
  if (!haveBrowser) return ["there is no browser on this machine: nobody sees what a station shows"];
  await buildWeb(fileURLToPath(new URL("../../dashboard/web/built", import.meta.url)));
  const folder = join(out, "apart");
  rmSync(join(folder, "report.json"), { force: true });
  const machines = makeMachines(2);
  try {
    const command = [process.execPath, inside, JSON.stringify(machines), folder];
    const { status } = spawnSync("ip", ["netns", "exec", machines.station, ...command], { stdio: "inherit" });
    if (status !== 0) return [`the night in the station's namespace ended with ${status}`];
    return (JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as { wrong: string[] }).wrong;
  } finally {
    removeMachines(machines);
  }
}

interface Cut {
  readonly downUtcMs: number;
  upUtcMs: number;
  /** Of each bed of the unit, when its tile said that it is not monitored, and monitored again. */
  readonly saidSo: Map<string, number>;
  readonly back: Map<string, number>;
}

/** In the station's namespace. */
export async function nightApart(machines: Machines, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const units = new UnitsApart(machines);
  const { ward, running, nurse } = await openRealWard(
    plan.map(({ bed }) => bed),
    {
      bridges: false,
      devices: plan.map(({ device }) => device),
      brokers: { kind: "mosquitto", tls: "mutual", remoteUnits: ["unit-1", "unit-2"] },
      prepare: (site, dataDir) => units.start(site, dataDir),
    },
  ).catch(async (cause: unknown) => {
    units.keepLogs(folder);
    await units.stop();
    throw cause;
  });
  const browser = await launchBrowser();
  try {
    const url = `http://127.0.0.1:${ward.site.dashboard.port}`;
    await untilServed(url);
    const page = await StationPage.open(browser, url, nurse, folder);
    const begunUtcMs = Math.min(...running.map(({ beganUtcMs }) => beganUtcMs));
    const cutBeds = running.filter((_, n) => plan[n]?.device === `unit-${cutUnit}`);
    const atUtcMs = (sec: number): number => begunUtcMs + 1_000 * sec;
    let cut: Cut | undefined;
    while (Date.now() < atUtcMs(endsAtSec)) {
      if (cut === undefined && Date.now() >= atUtcMs(cutAtSec)) {
        setCable(machines, cutUnit, "down");
        cut = { downUtcMs: Date.now(), upUtcMs: Number.NaN, saidSo: new Map(), back: new Map() };
        process.stderr.write("the cable of unit-1 is out\n");
      }
      if (cut !== undefined && Number.isNaN(cut.upUtcMs) && Date.now() >= cut.downUtcMs + 1_000 * cutForSec) {
        await page.picture("cut", "the cable of one unit is out");
        setCable(machines, cutUnit, "up");
        cut.upUtcMs = Date.now();
        process.stderr.write("the cable is in again\n");
      }
      if (cut !== undefined) await look(page, cut, cutBeds);
      await page.answer(answersAfterMs);
      await sleep(250);
    }
    await page.picture("end", "the end of the night");
    if (cut === undefined) throw new Error("the night ended before its cable was cut");
    const shown = await page.shown();
    const told = shown
      .filter(({ drawnAt }) => drawnAt !== null)
      .map(({ bed, id, condition, raisedAt }) => ({
        ...{ bed, what: condition, detail: id },
        atSec: (raisedAt - begunUtcMs) / 1_000,
      }));
    const whole = told.filter(({ bed, atSec }) => !isAfterCut(cutBeds, bed, atSec));
    writeReport(folder, {
      title: "A night across a station and two units, with one cable out in the middle",
      startUtcMs: begunUtcMs,
      verdicts: judge(expectedBy(running, cutBeds, begunUtcMs, whole), whole),
      figures: figuresOf(cut, cutBeds, units),
      notes: [
        "Station and units are network namespaces; bridges speak MQTT over TLS 1.3 with certificates on both ends to the station's two mosquittos; agent, dashboard and browser are in the station's namespace.",
        `unit-${cutUnit}'s cable is out for ${cutForSec} s. What its beds would have told afterwards is not judged: a simulated sensor begins its play anew.`,
      ],
      pictures: page.pictures,
      details: shown,
    });
  } finally {
    units.keepLogs(folder);
    await browser.close();
    await ward.stop();
    await units.stop();
  }
}

async function look(page: StationPage, cut: Cut, beds: readonly RunningBed[]): Promise<void> {
  for (const { bed } of beds) {
    const notMonitored = (await page.lookOf(bed)) === "not-monitored";
    if (notMonitored && !cut.saidSo.has(bed)) cut.saidSo.set(bed, Date.now());
    if (!notMonitored && !Number.isNaN(cut.upUtcMs) && !cut.back.has(bed)) cut.back.set(bed, Date.now());
  }
}

/** The loss itself is told within 10 s of the cut. */
const lostUntilSec = cutAtSec + limits.tileSaysSec;
const isAfterCut = (cutBeds: readonly RunningBed[], bed: string, atSec: number): boolean =>
  atSec > lostUntilSec + 1 && cutBeds.some((one) => one.bed === bed);

function expectedBy(
  running: readonly RunningBed[],
  cutBeds: readonly RunningBed[],
  begunUtcMs: number,
  told: readonly Told[],
): readonly Expected[] {
  return running.flatMap((bed): readonly Expected[] => {
    const isCut = cutBeds.includes(bed);
    const lateSec = (bed.beganUtcMs - begunUtcMs) / 1_000;
    const untilSec = isCut ? cutAtSec : endsAtSec;
    const night = { name: "", startUtcMs: begunUtcMs, brokerGaps: [], stationGaps: [], agentGaps: [] };
    const lengthSec = Math.floor(untilSec - lateSec);
    const byScene = expectedOf({ ...night, beds: [asNight(bed, bed.bed, lengthSec)] })
      .filter(({ what }) => !what.includes(".") && !what.startsWith("escalated"))
      .map((one) => ({ ...one, fromSec: one.fromSec + lateSec, toSec: one.toSec + lateSec + settleSec }))
      .filter((one) => one.toSec < untilSec || told.some((heard) => isOf(one, heard)));
    if (!isCut) return byScene;
    const because = "the cable of its unit is out";
    return [...byScene, { bed: bed.bed, what: "sensor-lost", fromSec: cutAtSec - 1, toSec: lostUntilSec, because }];
  });
}

const isOf = ({ bed, what, fromSec, toSec }: Expected, told: Told): boolean =>
  told.bed === bed && told.what === what && told.atSec >= fromSec && told.atSec <= toSec;

function figuresOf(cut: Cut, beds: readonly RunningBed[], units: UnitsApart): readonly Figure[] {
  const stops = units.stops(`unit-${cutUnit}`).filter(({ atUtcMs }) => atUtcMs > cut.downUtcMs);
  const sec = (from: number, to: number | undefined): number => Math.round((to ?? Number.NaN) - from) / 1_000;
  return beds.flatMap(({ bed }): readonly Figure[] => [
    {
      name: `${bed}: its unit ended sensing by itself after the cut`,
      value: sec(cut.downUtcMs, stops.find((one) => one.bed === bed && one.why === "lease ended")?.atUtcMs),
      ...{ unit: "s", atMost: limits.sensingEndsSec },
    },
    {
      name: `${bed}: its tile said "not monitored" after the cut`,
      value: sec(cut.downUtcMs, cut.saidSo.get(bed)),
      ...{ unit: "s", atMost: limits.tileSaysSec },
    },
    {
      name: `${bed}: monitored again after the cable was back`,
      value: sec(cut.upUtcMs, cut.back.get(bed)),
      ...{ unit: "s", atMost: limits.recoversSec },
    },
  ]);
}
