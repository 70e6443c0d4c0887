import { basename, dirname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Tensor } from "../contract/door.ts";
import type { Log } from "../platform/log.ts";
import type { Inference, InferenceAnswer } from "../ports.ts";

export interface WorkerStart {
  /** Paths of model files, by the model's name. */
  readonly models: Readonly<Record<string, string>>;
}
export interface WorkerQuestion {
  readonly id: number;
  readonly model: string;
  readonly tensors: readonly Tensor[];
}
export type WorkerAnswer =
  | { readonly kind: "ready" }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly outputs: readonly Tensor[];
      readonly tookMs: number;
      readonly cpuMs: number;
    }
  | { readonly kind: "failed"; readonly id: number; readonly words: string };

/** Answers that are waited for at once, over all rooms; above it a request fails at once, so that nothing piles up behind a slow model. */
const waitingMax = 256;
/** A thread that has not answered for this long is ended; the room has said "model not working" for 5 s then. */
const hungAfterMs = 10_000;
/** A thread that died is started again after this long. */
const restartAfterMs = 1_000;

interface Waiting {
  readonly resolve: (answer: InferenceAnswer) => void;
  readonly reject: (cause: unknown) => void;
  readonly hung: NodeJS.Timeout;
}

/** Models in one worker thread, started again when it dies. */
export class InferenceThread implements Inference {
  private readonly models: WorkerStart["models"];
  private readonly log: Log;
  private readonly waiting = new Map<number, Waiting>();
  private worker: Worker | undefined;
  private lastId = 0;
  private stopped = false;

  constructor(models: WorkerStart["models"], log: Log) {
    this.models = models;
    this.log = log;
  }

  /** Resolves when every model is loaded; rejects where one cannot be. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      // Since 1.29 the runtime reports what it runs to its maker, and keeps that in a database of its own in the account's home, unless told
      // before it starts (onnxruntime pull request 27379). Here, not in the thread: that has only a copy of the environment.
      process.env.ORT_DISABLE_TELEMETRY = "1";
      const worker = new Worker(new URL("./inference-worker.ts", import.meta.url), {
        workerData: { models: this.models } satisfies WorkerStart,
      });
      this.worker = worker;
      worker.on("message", (answer: WorkerAnswer) => {
        if (answer.kind === "ready") resolve();
        else this.settle(answer);
      });
      worker.on("error", (cause) => {
        reject(cause);
        this.log.error({ cause: String(cause) }, "the model's thread failed");
      });
      worker.on("exit", () => {
        reject(new Error("the model's thread ended while it was starting"));
        this.onExit(worker);
      });
    });
  }

  /** The thread gets a copy of the tensors and overwrites it after use. */
  run(model: string, tensors: readonly Tensor[]): Promise<InferenceAnswer> {
    const { worker } = this;
    if (worker === undefined) return Promise.reject(new Error("the model's thread is not running"));
    if (this.waiting.size >= waitingMax) return Promise.reject(new Error("too many inferences are waiting"));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const hung = setTimeout(() => {
        this.log.error({ afterMs: hungAfterMs }, "the model does not answer: its thread is started again");
        void worker.terminate();
      }, hungAfterMs);
      this.waiting.set(id, { resolve, reject, hung });
      worker.postMessage({ id, model, tensors } satisfies WorkerQuestion);
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.worker?.terminate();
  }

  private settle(answer: Exclude<WorkerAnswer, { kind: "ready" }>): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    clearTimeout(waiting?.hung);
    if (answer.kind === "answer")
      waiting?.resolve({ outputs: answer.outputs, tookMs: answer.tookMs, cpuMs: answer.cpuMs });
    else waiting?.reject(new Error(answer.words));
  }

  private onExit(worker: Worker): void {
    if (this.worker === worker) this.worker = undefined;
    for (const { reject, hung } of this.waiting.values()) {
      clearTimeout(hung);
      reject(new Error("the model's thread ended"));
    }
    this.waiting.clear();
    if (this.stopped) return;
    setTimeout(() => {
      if (this.stopped) return;
      this.log.warn({}, "starting the model's thread again");
      this.start().catch((cause: unknown) => this.log.error({ cause: String(cause) }, "the model cannot be loaded"));
    }, restartAfterMs).unref();
  }
}

/** One model alone, named for the folder that it lies in. */
export class ModelThread extends InferenceThread {
  constructor(modelPath: string, log: Log) {
    super({ [basename(dirname(modelPath))]: modelPath }, log);
  }
}
