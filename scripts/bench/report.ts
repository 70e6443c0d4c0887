import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import type { Hop } from "./broker-hop.ts";
import { targets, type WardResult } from "./judge.ts";
import type { LoopLateness } from "./plain-loop.ts";
import { type Panel, plot } from "./plot.ts";
import type { Stage } from "./stages.ts";

export interface BenchReport {
  readonly wards: readonly WardResult[];
  readonly stages: readonly Stage[];
  readonly hops: readonly Hop[];
  readonly loops: readonly LoopLateness[];
  readonly missed: readonly string[];
}

type Row = readonly [string, ...(string | number | null)[]];

/** `bench.json`, `bench.md` and `bench.svg` in the folder; the tables on the terminal as well. */
export function writeReport(folder: string, report: BenchReport): void {
  mkdirSync(folder, { recursive: true });
  const machine = { cores: availableParallelism(), load1: loadavg()[0], node: process.version };
  const told = { at: new Date().toISOString(), machine, targets, ratios: ratiosOf(report), ...report };
  const words = tables(report);
  writeFileSync(join(folder, "bench.json"), `${JSON.stringify(told, undefined, 2)}\n`);
  writeFileSync(join(folder, "bench.md"), words);
  writeFileSync(join(folder, "bench.svg"), plot(panels(report)));
  process.stdout.write(words);
}

/** Ours against another's, of one run: below 1 is less of it. Null: one of the two was not measured. */
export function ratiosOf({ wards, stages, hops, loops }: BenchReport) {
  const ratio = (ours: number | undefined, other: number | undefined): number | null =>
    ours === undefined || other === undefined || !(other > 0) ? null : Number((ours / other).toPrecision(3));
  const percentOf = (name: string) => stages.find((stage) => stage.name.startsWith(name))?.percentPerRoom;
  const rooms = [...new Set([...hops, ...loops].map((one) => one.rooms))];
  return [
    {
      what: "work of a radar room, against the vendor's method",
      ratio: ratio(wards.find(({ only }) => only === "radar")?.workPercentPerRoom, percentOf("the vendor's method")),
    },
    {
      what: "unpacking 80x60 pixels, against sharp",
      ratio: ratio(percentOf("intake: 80x60"), percentOf("the same by sharp")),
    },
    ...rooms.flatMap((count) => {
      const hop = (broker: Hop["broker"]) => hops.find((one) => one.broker === broker && one.rooms === count);
      const loop = (where: LoopLateness["where"]) => loops.find((one) => one.where === where && one.rooms === count);
      const [own, other] = [hop("embedded"), hop("mosquitto")];
      const [out, here] = [loop("worker thread"), loop("thread of the loop")];
      return [
        {
          what: `${count} rooms: p99 of a frame's hop, embedded against mosquitto`,
          ratio: ratio(own?.hopMs.p99, other?.hopMs.p99),
        },
        {
          what: `${count} rooms: the broker's processor, embedded against mosquitto`,
          ratio: ratio(own?.cpuPercent, other?.cpuPercent),
        },
        {
          what: `${count} rooms: p99 of a late frame, worker thread against the thread of the loop`,
          ratio: ratio(out?.frameLateMs.p99, here?.frameLateMs.p99),
        },
        {
          what: `${count} rooms: the latest frame, worker thread against the thread of the loop`,
          ratio: ratio(out?.frameLateMs.max, here?.frameLateMs.max),
        },
      ];
    }),
  ];
}

function tables(report: BenchReport): string {
  const { wards, stages, hops, loops } = report;
  return [
    table(
      [
        "frame that completes a window to message, ms",
        "results",
        "p50",
        "p99",
        "max",
        "frames",
        "lost",
        "dropped",
        "missing results",
      ],
      wards.map((one) => [
        one.name,
        ...[one.resultMs.n, one.resultMs.p50, one.resultMs.p99, one.resultMs.max],
        ...[one.framesPublished, one.framesLost, one.framesDropped, one.resultsMissing],
      ]),
    ),
    table(
      ["for each room", "work, % of a core", "agent, %", "dashboard, %", "agent, MiB", "dashboard, MiB", "in all, MiB"],
      wards.map((one) => [
        one.name,
        ...[one.workPercentPerRoom, one.agentPercentPerRoom, one.dashboardPercentPerRoom],
        ...[one.agentMiB / one.rooms, one.dashboardMiB / one.rooms].map((mib) => mib.toFixed(1)),
        (one.agentMiB + one.dashboardMiB).toFixed(0),
      ]),
    ),
    table(
      [
        "stages in the ward",
        "core, us a frame",
        "inference p50/p99, ms",
        "commit p50/p99, ms, at most",
        "loop late p99, ms, at most",
        "agent's word to the message p50/p99, ms",
        "pauses p99.9 agent/dashboard, ms, at most",
      ],
      wards.map((one) => [
        one.name,
        one.stages.coreUsPerFrame,
        `${one.stages.inferenceMs.p50} / ${one.stages.inferenceMs.p99}`,
        `${one.stages.commitMsAtMost.p50} / ${one.stages.commitMsAtMost.p99}`,
        one.stages.loopLateMsAtMost.p99,
        `${one.stages.tellingMs.p50} / ${one.stages.tellingMs.p99}`,
        `${one.agentGcMsP999AtMost} / ${one.dashboardGcMsP999AtMost}`,
      ]),
    ),
    table(
      ["at once", "alarms", "frame to alarm p50, ms", "p99", "max", "cold start to a frame, ms"],
      wards
        .filter(({ alarmMs, coldStartMs }) => alarmMs !== null || coldStartMs !== null)
        .map((one) => [
          one.name,
          ...(one.alarmMs === null
            ? ["", "", "", ""]
            : [one.alarmMs.n, one.alarmMs.p50, one.alarmMs.p99, one.alarmMs.max]),
          one.coldStartMs,
        ]),
    ),
    table(
      ["stage by itself", "p50, us", "p99, us", "a second", "% of a core per room"],
      stages.map(({ name, us, framesPerSec, percentPerRoom }) => [name, us.p50, us.p99, framesPerSec, percentPerRoom]),
    ),
    table(
      ["hop through a broker", "frames", "lost", "p50, ms", "p99, ms", "max, ms", "broker, % of a core", "MiB"],
      hops.map((one) => [
        `${one.broker}, ${one.rooms} rooms`,
        ...[one.framesSent, one.framesLost, one.hopMs.p50, one.hopMs.p99, one.hopMs.max, one.cpuPercent],
        one.residentMiB,
      ]),
    ),
    table(
      ["inference in the", "inferences", "frame late p50, ms", "p99", "max", "answer p50, ms", "p99"],
      loops.map(({ where, rooms, inferences, frameLateMs, answerMs }) => [
        `${where}, ${rooms} rooms`,
        ...[inferences, frameLateMs.p50, frameLateMs.p99, frameLateMs.max, answerMs.p50, answerMs.p99],
      ]),
    ),
    table(
      ["ours against another's, in this run", "ratio"],
      ratiosOf(report).map(({ what, ratio }) => [what, ratio]),
    ),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

export function table(head: readonly string[], rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly (string | number | null)[]): string =>
    `| ${cells.map((cell) => cell ?? "").join(" | ")} |`;
  return `${[line(head), `|${" --- |".repeat(head.length)}`, ...rows.map(line)].join("\n")}\n`;
}

function panels({ wards }: BenchReport): readonly Panel[] {
  const marks = ["p50", "p99", "longest"];
  return [
    {
      title: "From the frame that completes a window to the message with its result",
      axis: "time, ms",
      marks,
      bars: wards.map(({ name, rooms, only, resultMs: { p50, p99, max } }) => ({
        label: name,
        values: [p50, p99, max],
        target: only === null ? (targets.resultMs.find(({ roomsMax }) => rooms <= roomsMax)?.p99 ?? null) : null,
      })),
    },
    {
      title: "Processor for each room",
      axis: "share of one core, %",
      marks: ["parsing, signal, inference"],
      bars: wards.map(({ name, only, workPercentPerRoom }) => ({
        label: name,
        values: [workPercentPerRoom],
        target: only === null ? null : only === "radar" ? targets.workPercentRadar : targets.workPercentWithDepth,
      })),
    },
    {
      title: "Memory for each room, agent and dashboard",
      axis: "resident memory, MiB",
      marks: ["resident"],
      bars: wards.map(({ name, rooms, agentMiB, dashboardMiB }) => ({
        label: name,
        values: [(agentMiB + dashboardMiB) / rooms],
        target: null,
      })),
    },
  ];
}
