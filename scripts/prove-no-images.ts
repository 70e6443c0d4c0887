import "../edge-agent/platform/node-version.ts";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { needlesOf, newMark } from "./prove-no-images/mark.ts";
import { type BrokerKind, runMarkedWard } from "./prove-no-images/marked-ward.ts";
import { proofWords } from "./prove-no-images/proof-words.ts";
import { readArguments } from "./read-arguments.ts";

const usage = `npm run prove:no-images -- [--seconds 60] [--broker both|embedded|mosquitto] [--seed 1] [--out FILE]

Nothing that could be looked at is kept: frames that carry a watermark go through radar, 8x8 zones, a depth camera and a packed one,
through bridge, brokers, agent and dashboard as in a ward, while parts are killed, abort and are sent garbage. Then everything that
was written, told or shown is searched for the mark: each file that a process opened for writing (traced), the databases with their
WAL before and after each fall, the logs, what every account but the agent's own hears on both brokers, retained messages, each page
and the live feeds. Raw, shifted, scaled, mirrored, made smaller, as text, packed, drawn and in base64.

--seconds: how long each part streams. --broker: the agent's own, two mosquittos, or first one and then the other. Needs strace,
and mosquitto. Exits 1 where the mark is found, and where something could not be searched.
`;
const values = readArguments(
  usage,
  {
    seconds: { type: "string", default: "60" },
    broker: { type: "string", default: "both" },
    seed: { type: "string", default: "1" },
    out: { type: "string", default: fileURLToPath(new URL("../evaluation/no-images.json", import.meta.url)) },
  },
  process.argv.slice(2),
);
const seconds = Number(values.seconds);
const seed = Number(values.seed);
const brokers: readonly BrokerKind[] = (["embedded", "mosquitto"] as const).filter(
  (kind) => values.broker === "both" || values.broker === kind,
);
if (!(seconds >= 5 && seconds <= 3_600) || !Number.isInteger(seed) || brokers.length === 0) {
  process.stderr.write(usage);
  process.exit(2);
}

// As `start` and the ward's services do it; what they start inherits it.
spawnSync("prlimit", ["--core=0", "--pid", String(process.pid)]);
const mark = newMark(seed);
const say = (words: string): void => void process.stderr.write(`${words}\n`);
const wards = [];
let sound = true;
for (const broker of brokers) {
  say(`with ${broker === "embedded" ? "the agent's own brokers" : "two mosquittos"} ...`);
  const ran = await runMarkedWard({ broker, mark, seconds, say });
  let tenths = 0;
  const finds = await ran.evidence.search(needlesOf(mark), (done) => {
    if (Math.floor(done * 10) === tenths) return;
    tenths = Math.floor(done * 10);
    say(`searched ${10 * tenths} %`);
  });
  const { evidence, ...told } = ran;
  const ward = { broker, ...told, searchedBytes: evidence.bytes, finds };
  wards.push(ward);
  const words = proofWords(ward);
  sound &&= words.sound;
  process.stdout.write(`${broker}:\n${words.lines.join("\n")}\n`);
}
mkdirSync(dirname(values.out), { recursive: true });
writeFileSync(values.out, `${JSON.stringify({ v: 2, seconds, seed, wards }, null, 2)}\n`);
process.stdout.write(`report: ${values.out}\n`);
process.exit(sound ? 0 : 1);
