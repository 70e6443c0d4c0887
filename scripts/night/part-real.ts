import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { haveBrowser, launchBrowser } from "../../tests/dashboard-browser.ts";
import { buildWeb } from "../build-web.ts";
import { judge } from "./judge.ts";
import { expectedOf } from "./observer.ts";
import { asNight, realBeds } from "./real-plan.ts";
import { openRealWard, type RunningBed, untilServed } from "./real-ward.ts";
import { type Figure, writeReport } from "./report.ts";
import { type Shown, StationPage } from "./station-page.ts";
import type { Expected, Told } from "./told.ts";

export interface RealNight {
  readonly part: "b" | "c";
  readonly beds: number;
  readonly minutes: number;
}

/** Real perception of a real wire settles later than a script; a breath is held only once the one before is over. */
const settleSec = 8;
/** A nurse reads, and presses. */
const answersAfterMs = 3_000;
/** How long before the end the bridge is killed, and how long it stays away. */
const bridgeGoneBeforeEndSec = 30;
const bridgeAwaySec = 12;
/** Of a dozen alarms the last of a hundred is the latest one: of them only what no alarm may ever take is asked. */
const limits = { b: { socketMs: 250, frameMs: 500 }, c: { socketMs: 2_000, frameMs: 2_000 } } as const;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A night at real speed over the true wire, a browser as the station. @returns what is wrong */
export async function partReal({ part, beds, minutes }: RealNight, out: string): Promise<readonly string[]> {
  if (!haveBrowser) return ["there is no browser on this machine: nobody sees what a station shows"];
  const folder = join(out, part);
  mkdirSync(folder, { recursive: true });
  await buildWeb(fileURLToPath(new URL("../../dashboard/web/built", import.meta.url)));
  process.stderr.write(`${beds} beds, ${minutes} min at real speed ...\n`);
  const { ward, running, nurse } = await openRealWard(realBeds(beds));
  const browser = await launchBrowser();
  try {
    const url = `http://127.0.0.1:${ward.site.dashboard.port}`;
    await untilServed(url);
    const page = await StationPage.open(browser, url, nurse, folder);
    const begunUtcMs = Math.min(...running.map(({ beganUtcMs }) => beganUtcMs));
    const endUtcMs = begunUtcMs + 60_000 * minutes;
    const killUtcMs = endUtcMs - 1_000 * bridgeGoneBeforeEndSec;
    const twice = new Set<string>();
    let killedUtcMs: number | null = null;
    let back = false;
    for (let minute = -1; Date.now() < endUtcMs; await sleep(250)) {
      const now = Math.floor((Date.now() - begunUtcMs) / 60_000);
      const shown = await page.shown();
      if (now > minute) {
        minute = now;
        process.stderr.write(`minute ${minute} of ${minutes}: ${shown.length} alarms so far\n`);
      }
      for (const id of await page.twice()) twice.add(id);
      for (const { condition } of shown) {
        if (!page.pictures.some(({ file }) => file === `${condition}.png`)) {
          await page.picture(condition, `${condition}, as the station shows it`);
        }
      }
      await page.answer(answersAfterMs);
      if (killedUtcMs === null && Date.now() >= killUtcMs) {
        killedUtcMs = Date.now();
        await ward.kill("bridge");
      }
      if (killedUtcMs !== null && !back && Date.now() - killedUtcMs > 1_000 * bridgeAwaySec) {
        back = true;
        ward.start("bridge");
      }
    }
    await page.picture("end", "the end of the night");
    const shown = await page.shown();
    const told = toldBy(shown, begunUtcMs);
    const expected = expectedBy(running, begunUtcMs, (killedUtcMs ?? endUtcMs) - begunUtcMs, told);
    const verdicts = judge(expected, told);
    return writeReport(folder, {
      title: `A night of ${minutes} min and ${beds} beds at real speed, seen at the station`,
      startUtcMs: begunUtcMs,
      verdicts,
      figures: figuresOf(shown, twice, limits[part]),
      notes: [
        "Agent, bridge, brokers and dashboard are processes of their own; sensors are simulated behind their true wire; the models are the real ones; the station is a page in a browser.",
        "The decisive frame is the newest frame that the agent had accepted when it decided: its tile says when that was. Socket: the page's WebSocket has the tile. Shown: the first animation frame after the page changed. One machine, one clock.",
        `Somebody presses "I'm going now" ${answersAfterMs / 1_000} s after each alarm.`,
      ],
      pictures: page.pictures,
      details: shown,
    });
  } finally {
    await browser.close();
    await ward.stop();
  }
}

const toldBy = (shown: readonly Shown[], begunUtcMs: number): readonly Told[] =>
  shown
    .filter(({ drawnAt }) => drawnAt !== null)
    .map(({ bed, id, condition, raisedAt }) => ({
      bed,
      what: condition,
      detail: id,
      atSec: (raisedAt - begunUtcMs) / 1_000,
    }));

/**
 * By each bed's scene until the bridge was killed; then every sensor is lost. What was due just when it was killed may have come in
 * time, or not.
 */
function expectedBy(
  running: readonly RunningBed[],
  begunUtcMs: number,
  untilMs: number,
  told: readonly Told[],
): readonly Expected[] {
  return running.flatMap((bed): Expected[] => {
    const lateSec = (bed.beganUtcMs - begunUtcMs) / 1_000;
    const lostSec = untilMs / 1_000;
    const lengthSec = Math.floor(untilMs / 1_000 - lateSec);
    const night = { name: "", startUtcMs: begunUtcMs, brokerGaps: [], stationGaps: [], agentGaps: [] };
    const bySeconds = expectedOf({ ...night, beds: [asNight(bed, bed.bed, lengthSec)] });
    const byScene = bySeconds
      .filter(({ what }) => !what.includes(".") && !what.startsWith("escalated"))
      .map((one) => ({ ...one, fromSec: one.fromSec + lateSec, toSec: one.toSec + lateSec + settleSec }))
      .filter((one) => one.toSec < lostSec || told.some((heard) => isOf(one, heard)));
    const because = "the bridge was killed";
    return [...byScene, { bed: bed.bed, what: "sensor-lost", fromSec: lostSec - 1, toSec: lostSec + 9, because }];
  });
}

const isOf = ({ bed, what, fromSec, toSec }: Expected, told: Told): boolean =>
  told.bed === bed && told.what === what && told.atSec >= fromSec && told.atSec <= toSec;

function figuresOf(
  shown: readonly Shown[],
  twice: ReadonlySet<string>,
  { socketMs, frameMs }: (typeof limits)["b" | "c"],
): readonly Figure[] {
  // Where no frame comes there is none that decided.
  const decided = shown.filter(({ condition, drawnAt }) => condition !== "sensor-lost" && drawnAt !== null);
  const toSocket = decided.map(({ heardAt, saidAt, dataAgeMs }) => heardAt - saidAt + (dataAgeMs ?? 0));
  const toFrame = decided.map(({ drawnAt, saidAt, dataAgeMs }) => (drawnAt ?? 0) - saidAt + (dataAgeMs ?? 0));
  return [
    { name: "alarms shown", value: shown.length, unit: "", atMost: null },
    { name: "decisive frame to socket, half", value: at(toSocket, 0.5), unit: "ms", atMost: null },
    { name: "decisive frame to socket, 99 of 100", value: at(toSocket, 0.99), unit: "ms", atMost: socketMs },
    { name: "decisive frame to shown, half", value: at(toFrame, 0.5), unit: "ms", atMost: null },
    { name: "decisive frame to shown, 99 of 100", value: at(toFrame, 0.99), unit: "ms", atMost: frameMs },
    { name: "alarms that stand twice on the screen", value: twice.size, unit: "", atMost: 0 },
  ];
}

/** The nearest rank. */
function at(ms: readonly number[], share: number): number {
  const sorted = [...ms].sort((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
}
