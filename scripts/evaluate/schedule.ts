import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Ran } from "./report.ts";
import type { Section, SectionResult } from "./section.ts";

const workersMax = 2;
const workerPath = fileURLToPath(new URL("./worker.ts", import.meta.url));

const Told = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("progress"), share: z.number(), words: z.string() }),
  z.object({ kind: z.literal("result"), result: z.custom<SectionResult>((one) => typeof one === "object") }),
]);

export interface Wishes {
  readonly quick: boolean;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** The longest first, two at a time; answers stand in the order asked for, whatever ended first. */
export async function runSections(wanted: readonly Section[], { quick, seed, say }: Wishes): Promise<readonly Ran[]> {
  const costOf = (one: Section): number => (quick ? one.seconds.quick : one.seconds.full);
  const shares = new Map(wanted.map((one) => [one.name, 0]));
  const startedMs = Date.now();
  const total = wanted.reduce((sum, one) => sum + costOf(one), 0);
  const tell = (name: string, words: string): void => {
    const done = wanted.reduce((sum, one) => sum + costOf(one) * (shares.get(one.name) ?? 0), 0) / total;
    const secondsSoFar = (Date.now() - startedMs) / 1000;
    const left = done > 0.01 ? `about ${Math.ceil((secondsSoFar / done) * (1 - done))} s left` : "time left unknown";
    say(`${Math.round(100 * done)} % · ${left} · ${name} ${words}`);
  };
  const queue = [...wanted].sort((a, b) => costOf(b) - costOf(a));
  const ran = new Map<string, Ran>();
  const work = async (): Promise<void> => {
    for (let section = queue.shift(); section !== undefined; section = queue.shift()) {
      const { name, title } = section;
      const fromMs = Date.now();
      const result = await runOne(name, seed, quick, (share, words) => {
        shares.set(name, share);
        tell(name, words);
      });
      shares.set(name, 1);
      ran.set(name, { name, title, seconds: (Date.now() - fromMs) / 1000, result });
      tell(name, "done");
    }
  };
  await Promise.all(Array.from({ length: workersMax }, work));
  return wanted.map(({ name }) => ran.get(name)!);
}

function runOne(
  name: string,
  seed: number,
  quick: boolean,
  progress: (share: number, words: string) => void,
): Promise<SectionResult> {
  return new Promise((resolve, reject) => {
    const child = fork(workerPath, [name, String(seed), quick ? "quick" : "full"]);
    let result: SectionResult | undefined;
    child.on("message", (message) => {
      const told = Told.parse(message);
      if (told.kind === "progress") progress(told.share, told.words);
      else result = told.result;
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0 && result !== undefined) resolve(result);
      else reject(new Error(`the section ${name} ended with code ${code} and no result`));
    });
  });
}
