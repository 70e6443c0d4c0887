import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { WorkerAnswer, WorkerQuestion, WorkerStart } from "./inference.ts";

/*
 * The thread that runs the models. `session.run` of onnxruntime-node blocks its event loop, and two intra-op threads make
 * p99 explode on a busy machine: one thread, one request at a time.
 */

const port = parentPort;
if (port === null) throw new Error("inference-worker runs as a worker thread only");
const { models } = workerData as WorkerStart;
const sessions = new Map<string, InferenceSession>();
for (const [name, path] of Object.entries(models)) {
  const session = await InferenceSession.create(path, {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
  });
  sessions.set(name, session);
}
/** Of this thread so far, ms; NaN on a Node that cannot tell (before 23.9). */
function threadCpuMs(): number {
  const used = process.threadCpuUsage?.();
  return used === undefined ? Number.NaN : (used.user + used.system) / 1_000;
}
port.postMessage({ kind: "ready" } satisfies WorkerAnswer);

port.on("message", async (question: WorkerQuestion) => {
  const begun = performance.now();
  const cpuBegunMs = threadCpuMs();
  try {
    const session = sessions.get(question.model);
    if (session === undefined) throw new Error(`no model ${question.model} was loaded`);
    const feeds = Object.fromEntries(
      question.tensors.map(({ name, data, dims }) => [name, new Tensor("float32", data, [...dims])]),
    );
    const results = await session.run(feeds);
    const outputs = session.outputNames.map((name) => {
      const tensor = results[name];
      if (tensor === undefined || !(tensor.data instanceof Float32Array))
        throw new Error(`output ${name} is not float32`);
      return { name, data: Float32Array.from(tensor.data), dims: [...tensor.dims] };
    });
    for (const { data } of question.tensors) data.fill(0);
    const tookMs = performance.now() - begun;
    const cpuMs = threadCpuMs() - cpuBegunMs;
    const answer: WorkerAnswer = { kind: "answer", id: question.id, outputs, tookMs, cpuMs };
    port.postMessage(
      answer,
      outputs.map(({ data }) => data.buffer as ArrayBuffer),
    );
  } catch (cause) {
    port.postMessage({ kind: "failed", id: question.id, words: String(cause) } satisfies WorkerAnswer);
  }
});
