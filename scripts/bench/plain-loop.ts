import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { InferenceThread } from "../../edge-agent/io/inference.ts";
import { readModel } from "../../edge-agent/io/model-file.ts";
import { modelsFor } from "../../edge-agent/perception/room-perception.ts";
import { newLog } from "../../edge-agent/platform/log.ts";
import { type Spread, spreadOf } from "./figures.ts";
import { depthEveryMs, radarEveryMs } from "./rooms.ts";

/* What the worker thread is for: the same models at the same pace beside the same timers, in the thread of the loop and out of it. */

export interface LoopLateness {
  readonly where: "worker thread" | "thread of the loop";
  readonly rooms: number;
  readonly inferences: number;
  /** How much later than due a frame was taken. */
  readonly frameLateMs: Spread;
  /** From asking to the answer. */
  readonly answerMs: Spread;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One inference of each model of a room with a radar and 80x60 pixels, each second, each room in its turn. */
export async function measurePlainLoop(rooms: number, measureMs: number): Promise<readonly LoopLateness[]> {
  const plans = modelsFor(["acconeer-a121", "depth-camera"]);
  const models = plans.map(({ name, inputs, outputs }) => ({
    name,
    path: readModel(fileURLToPath(new URL(`../../models/${name}`, import.meta.url)), inputs, outputs).path,
    tensors: inputs.map(({ name: input, dims }) => ({
      name: input,
      dims,
      data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i / 9)),
    })),
  }));

  const thread = new InferenceThread(
    Object.fromEntries(models.map(({ name, path }) => [name, path])),
    newLog("model", () => {}),
  );
  await thread.start();
  const out = await latenessOf("worker thread", rooms, measureMs, models.length, async (n) => {
    const model = models[n % models.length];
    if (model !== undefined) await thread.run(model.name, model.tensors);
  });
  await thread.stop();

  const settings = {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
  } as const;
  const sessions = await Promise.all(models.map(({ path }) => InferenceSession.create(path, settings)));
  const here = await latenessOf("thread of the loop", rooms, measureMs, models.length, async (n) => {
    const model = models[n % models.length];
    const session = sessions[n % models.length];
    if (model === undefined || session === undefined) return;
    const feeds = model.tensors.map(({ name, data, dims }) => [name, new Tensor("float32", data, [...dims])]);
    await session.run(Object.fromEntries(feeds));
  });
  await Promise.all(sessions.map((session) => session.release()));
  return [out, here];
}

async function latenessOf(
  where: LoopLateness["where"],
  rooms: number,
  measureMs: number,
  models: number,
  infer: (n: number) => Promise<void>,
): Promise<LoopLateness> {
  for (let n = 0; n < 3 * models; n++) await infer(n);
  const framesEveryMs = 1 / (rooms * (1 / radarEveryMs + 1 / depthEveryMs));
  const inferEveryMs = 1_000 / (rooms * models);
  const frameLateMs: number[] = [];
  const answerMs: number[] = [];
  const waiting = new Set<Promise<void>>();
  const begun = performance.now();
  let inferences = 0;
  let frames = 0;
  while (performance.now() - begun < measureMs) {
    const now = performance.now() - begun;
    for (; frames * framesEveryMs <= now; frames++) frameLateMs.push(now - frames * framesEveryMs);
    for (; inferences * inferEveryMs <= now; inferences++) {
      const asked = performance.now();
      const answering = infer(inferences).then(() => {
        answerMs.push(performance.now() - asked);
        waiting.delete(answering);
      });
      waiting.add(answering);
    }
    await sleep(1);
  }
  await Promise.all(waiting);
  return { where, rooms, inferences, frameLateMs: spreadOf(frameLateMs), answerMs: spreadOf(answerMs) };
}
