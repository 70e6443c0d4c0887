import { join } from "node:path";
import { judge } from "./judge.ts";
import { nightOf, type starts } from "./nights.ts";
import { expectedOf } from "./observer.ts";
import { nightSec } from "./plan.ts";
import { playNight } from "./played-night.ts";
import { writeReport } from "./report.ts";

/** Time of one core that the whole night may take. */
const coreSecMax = 300;

/** Eight hours and twenty beds through the loop, its cores and its records. @returns what is wrong */
export function partA(clocks: keyof typeof starts, seed: number, out: string): readonly string[] {
  const night = nightOf(clocks, seed);
  const begunMs = performance.now();
  const usedBefore = process.cpuUsage();
  const played = playNight(night, seed, (hour) => {
    const sec = Math.round((performance.now() - begunMs) / 1_000);
    process.stderr.write(`hour ${hour} of ${nightSec / 3_600}, after ${sec} s\n`);
  });
  const verdicts = judge(expectedOf(night), played.told);
  const { user, system } = process.cpuUsage(usedBefore);
  const coreSec = Math.round((user + system) / 1e6);
  const beds = night.beds.length;
  const wallSec = Math.round(played.wallMs / 1_000);
  return writeReport(join(out, `a-${clocks}`), {
    title: `A scripted night of 8 h and ${beds} beds, over the change of the clocks in ${clocks}`,
    startUtcMs: night.startUtcMs,
    verdicts,
    figures: [
      { name: "time of one core for the whole night", value: coreSec, unit: "s", atMost: coreSecMax },
      { name: "by the clock on the wall", value: wallSec, unit: "s", atMost: null },
      { name: "in the agent's core", value: Math.round(played.coreMs / 1_000), unit: "s", atMost: null },
      { name: "frames accepted", value: played.framesAccepted, unit: "", atMost: null },
      { name: "questions to models answered", value: played.answers, unit: "", atMost: null },
    ],
    notes: [
      "Frames, statuses, answers of models, touches of people and turns of the clock go through the agent's own loop, cores and database; only time and the network are played.",
      "The models' answers are made from the script: sometimes unsure, sometimes wrong, about as often as their cards say.",
      "What had to be told is derived from the script alone, second by second, by rules that know nothing of how the agent comes to it. Due: earliest and latest moment.",
    ],
    pictures: [],
  });
}
