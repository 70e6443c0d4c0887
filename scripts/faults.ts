import "../edge-agent/platform/node-version.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { haveMosquitto } from "../tests/mosquitto-broker.ts";
import { buildWeb } from "./build-web.ts";
import { figuresOf, type Kill, runKillTrial } from "./faults/kill-trial.ts";
import { readArguments } from "./read-arguments.ts";

const usage = `npm run faults [-- --kills 60] [--seed N] [--hold-every 4] [--outage SECONDS] [--out FILE]

kill -9 of each process of a running ward (agent, bridge, dashboard, two mosquittos) while people use it: everything that was
acknowledged has to be in the database and in the audit log afterwards, nothing may be taken of who had stopped, the nurse station
tells the truth within 10 s, and all goes on within 10 s of the new start, by itself. The same seed strikes in the same order.

--hold-every  every so-many-th victim stays down for 11.5 s; 0: none
--outage      in the end both brokers are away for so many seconds
--out         figures and every kill, as JSON

Ends with 1 where something was missed.`;

const recoveryMsMax = 10_000;

const values = readArguments(usage, {
  kills: { type: "string", default: "60" },
  seed: { type: "string" },
  "hold-every": { type: "string", default: "4" },
  outage: { type: "string", default: "0" },
  out: { type: "string" },
});
const kills = Number(values.kills);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const holdEvery = Number(values["hold-every"]);
const outageMs = Number(values.outage) * 1_000;
const isCount = (n: number): boolean => Number.isInteger(n) && n >= 0;
if (!isCount(kills) || kills === 0 || !isCount(seed) || !isCount(holdEvery) || !isCount(outageMs)) {
  process.stderr.write(
    `--kills, --seed, --hold-every and --outage are whole numbers, and of kills there is at least one\n\n${usage}\n`,
  );
  process.exit(2);
}
if (!haveMosquitto) {
  process.stderr.write("mosquitto is not installed on this machine: apt-get install mosquitto mosquitto-clients\n");
  process.exit(2);
}

await buildWeb(fileURLToPath(new URL(join("..", "dashboard/web/built"), import.meta.url)));
process.stderr.write(`seed ${seed}: ${kills} kills\n`);
const seconds = (ms: number | null): string => (ms === null ? "-" : `${(ms / 1_000).toFixed(1)} s`);
const say = ({ number, victim, held, toldMs, recoveredMs, missed }: Kill): void => {
  const down = held ? `, down for long (screen said so after ${seconds(toldMs)})` : "";
  process.stderr.write(`${number}/${kills} ${victim}${down}: went on after ${seconds(recoveredMs)}\n`);
  for (const one of missed) process.stderr.write(`  MISSED ${one}\n`);
};
const trial = runKillTrial({ kills, seed, holdEvery, outageMs, recoveryMsMax, say });
const result = await trial.catch((cause: unknown) => {
  process.stderr.write(`MISSED with seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
});
const figures = figuresOf(result.kills);
const row = (cells: readonly (string | number)[]): string =>
  `${cells.map((cell, place) => String(cell)[place === 0 ? "padEnd" : "padStart"](place === 0 ? 16 : 14)).join("")}\n`;
process.stdout.write(row(["killed", "times", "went on p50", "longest", "screen, longest"]));
for (const { victim, times, recoveredMs, toldMsMax } of figures) {
  process.stdout.write(row([victim, times, seconds(recoveredMs.p50), seconds(recoveredMs.max), seconds(toldMsMax)]));
}
if (result.outage !== null) {
  const { downMs, toldMs, recoveredMs } = result.outage;
  process.stdout.write(
    `both brokers away for ${seconds(downMs)}: the screen said so after ${seconds(toldMs)}, went on after ${seconds(recoveredMs)}\n`,
  );
}
const { checks, consents } = result.acknowledged;
process.stdout.write(
  `seed ${seed}: ${checks} checks and ${consents} pauses and resumptions were acknowledged, ${result.alarms} alarms shown; ${result.unanswered} asks were not answered and ${result.missed.length} things missed\n`,
);
for (const one of result.missed) process.stderr.write(`MISSED ${one}\n`);
if (values.out !== undefined) {
  mkdirSync(dirname(values.out), { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: availableParallelism(), load1: loadavg()[0] };
  const report = { at: new Date().toISOString(), machine, node: process.version, figures, ...result };
  writeFileSync(values.out, `${JSON.stringify(report, undefined, 2)}\n`);
}
process.exit(result.missed.length === 0 ? 0 : 1);
