import "../../edge-agent/platform/node-version.ts";
import { fileURLToPath } from "node:url";
import { readArguments } from "../read-arguments.ts";
import type { starts } from "./nights.ts";
import { partA } from "./part-a.ts";
import { partApart } from "./part-apart.ts";
import { partReal } from "./part-real.ts";

const usage = `npm run night -- a|b|c [--out FOLDER] [--seed 1]

A night shift, tried for real: everything that has to be told is told once and in time, and nothing else is. Exits 1 where anything is
missed, late or extra; the report lies in FOLDER (evaluation/night), one folder for each part.

  a   8 hours and 20 beds through the agent's loop, cores and records, over the change of the clocks, in at most 5 minutes
      --clocks autumn|spring     a night of 25 hours by the ward's clock, or of 23 (autumn)
  b   30 minutes and 20 beds at real speed: agent, bridge, brokers and dashboard as in a ward, simulated sensors behind their true
      wire, the real models, and a browser as the station
      --minutes 30 --beds 20
  c   3 beds and 5 minutes of it
      --namespaces               across a station and two bedroom units, each in a network namespace, with mutual TLS between them and
                                 one cable pulled out in the middle: 6 minutes, as root on Linux
`;

const [part, ...args] = process.argv.slice(2);
const values = readArguments(
  usage,
  {
    out: { type: "string", default: fileURLToPath(new URL("../../evaluation/night", import.meta.url)) },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "30" },
    beds: { type: "string", default: "20" },
    namespaces: { type: "boolean", default: false },
    clocks: { type: "string", default: "autumn" },
  },
  args,
);
const { clocks } = values;

const wrong = await run();
for (const line of wrong) process.stderr.write(`WRONG ${line}\n`);
process.stdout.write(
  `night ${part}: ${wrong.length === 0 ? "all right" : `${wrong.length} wrong`}; the report is in ${values.out}\n`,
);
process.exit(wrong.length === 0 ? 0 : 1);

async function run(): Promise<readonly string[]> {
  const seed = Number(values.seed);
  if (!Number.isInteger(seed)) return refuse();
  switch (part) {
    case "a":
      return clocks === "autumn" || clocks === "spring"
        ? partA(clocks satisfies keyof typeof starts, seed, values.out)
        : refuse();
    case "b": {
      const [minutes, beds] = [Number(values.minutes), Number(values.beds)];
      if (!(minutes >= 3 && beds >= 3 && beds <= 64)) return refuse();
      return partReal({ part, beds, minutes }, values.out);
    }
    case "c":
      if (values.namespaces) return partApart(values.out);
      return partReal({ part, beds: 3, minutes: 5 }, values.out);
    default:
      return refuse();
  }
}

function refuse(): never {
  process.stderr.write(usage);
  process.exit(2);
}
