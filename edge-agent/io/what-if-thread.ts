import { Worker } from "node:worker_threads";
import type { SiteConfig } from "../contract/config.ts";
import type { CareOrder } from "../contract/people.ts";
import type { WhatIf, WhatIfAnswer, WhatIfQuestion, WhatIfStart } from "../contract/what-if.ts";
import type { Log } from "../platform/log.ts";

/** A page waits for 5 s: this much is left for replaying, and the rest for the way. */
const withinMs = 3_000;
const hungAfterMs = 4_500;

type WhatIfSite = Pick<SiteConfig, "alarms" | "consent"> & {
  readonly limits: Pick<SiteConfig["limits"], "staleAfterMs" | "sensorLostAfterMs">;
};

interface Asked {
  readonly id: number;
  readonly timer: NodeJS.Timeout;
  readonly settle: (result: WhatIf | null) => void;
}

/** One replay at a time in a thread that is started for it and ends after it: a month of nights is not kept in memory. */
export class WhatIfThread {
  private readonly start: WhatIfStart;
  private readonly log: Log;
  private worker: Worker | undefined;
  private asked: Asked | undefined;
  private lastId = 0;

  constructor(wardFile: string, site: WhatIfSite, log: Log) {
    this.start = {
      wardFile,
      intendedUse: site.alarms.intendedUse,
      staleAfterMs: site.limits.staleAfterMs,
      sensorLostAfterMs: site.limits.sensorLostAfterMs,
      night: site.consent.quietHours,
      timeZone: site.consent.timeZone,
    };
    this.log = log;
  }

  /** Undefined: another one is under way. Null: it could not be read now. */
  ask(of: { stay: string | null; order: CareOrder; nowUtcMs: number }): Promise<WhatIf | null> | undefined {
    if (this.asked !== undefined) return undefined;
    const id = ++this.lastId;
    const worker = new Worker(new URL("../what-if.ts", import.meta.url), { workerData: this.start });
    worker.unref();
    this.worker = worker;
    worker.on("message", (answer: WhatIfAnswer) => {
      if ("failed" in answer) this.log.error({ cause: answer.failed }, "what an order would have meant cannot be told");
      this.finish(answer.id, "failed" in answer ? null : answer.result);
    });
    worker.on("error", (cause) => {
      this.log.error({ cause: String(cause) }, "the thread that replays nights failed");
      this.finish(id, null);
    });
    return new Promise((settle) => {
      const timer = setTimeout(() => {
        this.log.error({ afterMs: hungAfterMs }, "replaying nights took too long");
        this.finish(id, null);
      }, hungAfterMs);
      this.asked = { id, timer, settle };
      worker.postMessage({ id, ...of, withinMs } satisfies WhatIfQuestion);
    });
  }

  async stop(): Promise<void> {
    if (this.asked !== undefined) this.finish(this.asked.id, null);
    await this.worker?.terminate();
  }

  private finish(id: number, result: WhatIf | null): void {
    const { asked, worker } = this;
    if (asked?.id !== id) return;
    clearTimeout(asked.timer);
    this.asked = undefined;
    asked.settle(result);
    void worker?.terminate();
  }
}
