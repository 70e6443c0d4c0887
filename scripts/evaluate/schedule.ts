import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Ran } from "./report.ts";
import type { Section, SectionResult } from "./section.ts";
import { secondsLeft } from "./time-left.ts";

const workersMax = 2;
const workerPath = fileURLToPath(new URL("./worker.ts", import.meta.url));

const Told = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("progress"), share: z.number(), words: z.string() }),
  z.object({ kind: z.literal("result"), result: z.custom<SectionResult>((one) => typeof one === "object") }),
  z.object({ kind: z.literal("failed"), words: z.string() }),
]);

export interface Wishes {
  readonly quick: boolean;
  readonly seed: number;
  readonly say: (line: string) => void;
  /** Ends every section that runs; `runSections` then rejects. */
  readonly cancel?: AbortSignal;
  /** The program that runs one section; for tests. */
  readonly worker?: string;
}

type Outcome = Pick<Ran, "result" | "failure">;
const nothing: SectionResult = { rows: [], figures: [], notes: [] };

/**
 * The longest first, two at a time; answers stand in the order asked for, whatever ended first. A section that fails says
 * so in its place and the others go on.
 * @throws where it was cancelled
 */
export async function runSections(wanted: readonly Section[], wishes: Wishes): Promise<readonly Ran[]> {
  const { quick, say, cancel } = wishes;
  const costOf = (one: Section): number => (quick ? one.seconds.quick : one.seconds.full);
  const queue = [...wanted].sort((a, b) => costOf(b) - costOf(a));
  const running = new Map<Section, { share: number; readonly fromMs: number }>();
  const ran = new Map<string, Ran>();
  const total = wanted.reduce((sum, one) => sum + costOf(one), 0);

  const tell = (name: string, words: string): void => {
    const now = Date.now();
    const toDo = {
      running: [...running].map(([one, { share }]) => costOf(one) * (1 - share)),
      waiting: queue.map(costOf),
    };
    const done = total - [...toDo.running, ...toDo.waiting].reduce((sum, cost) => sum + cost, 0);
    const ended = [...ran.values()].reduce((sum, { seconds }) => sum + seconds, 0);
    const busySec = ended + [...running.values()].reduce((sum, { fromMs }) => sum + (now - fromMs) / 1000, 0);
    const left = secondsLeft(toDo, workersMax, busySec, done);
    const leftWords = left === undefined ? "time left unknown" : `about ${Math.ceil(left)} s left`;
    say(`${Math.round((100 * done) / total)} % · ${leftWords} · ${name} ${words}`);
  };

  const work = async (): Promise<void> => {
    for (let section = queue.shift(); section !== undefined; section = queue.shift()) {
      const { name, title } = section;
      const state = { share: 0, fromMs: Date.now() };
      running.set(section, state);
      const outcome = await runOne(name, wishes, (share, words) => {
        state.share = Math.min(1, Math.max(0, share));
        tell(name, words);
      });
      cancel?.throwIfAborted();
      running.delete(section);
      ran.set(name, { name, title, seconds: (Date.now() - state.fromMs) / 1000, ...outcome });
      tell(name, outcome.failure === null ? "done" : `FAILED: ${outcome.failure.split("\n")[0]}`);
    }
  };
  await Promise.all(Array.from({ length: workersMax }, work));
  return wanted.map(({ name }) => ran.get(name)!);
}

function runOne(
  name: string,
  { quick, seed, cancel, worker = workerPath }: Wishes,
  progress: (share: number, words: string) => void,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = fork(worker, [name, String(seed), quick ? "quick" : "full"]);
    const kill = (): void => void child.kill("SIGTERM");
    if (cancel?.aborted === true) kill();
    cancel?.addEventListener("abort", kill, { once: true });
    let outcome: Outcome | undefined;
    const end = (failure: string): void => {
      cancel?.removeEventListener("abort", kill);
      resolve(outcome ?? { result: nothing, failure });
    };
    child.on("message", (message) => {
      const told = Told.safeParse(message);
      if (!told.success) outcome = { result: nothing, failure: "it said something that is no part of a section" };
      else if (told.data.kind === "progress") progress(told.data.share, told.data.words);
      else if (told.data.kind === "failed") outcome = { result: nothing, failure: told.data.words };
      else outcome = { result: told.data.result, failure: null };
    });
    child.on("error", (error) => end(error.message));
    // Not "exit": the last message may still be on its way.
    child.on("close", (code, signal) => end(`it ended with ${signal ?? `code ${code}`} and no result`));
  });
}
