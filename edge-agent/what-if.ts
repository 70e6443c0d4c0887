import { parentPort, workerData } from "node:worker_threads";
import { WhatIfCount } from "./care/what-if.ts";
import { lastNights, nightMs } from "./contract/nights.ts";
import type { CareOrder } from "./contract/people.ts";
import {
  type WhatIf,
  type WhatIfAnswer,
  type WhatIfQuestion,
  type WhatIfStart,
  whatIfNightsMax,
} from "./contract/what-if.ts";
import { openForReading } from "./records/open.ts";
import { newestOrder, readFacts, staysSince } from "./records/replay-reading.ts";

/*
 * Third root, in a thread of its own: what was recorded of the last nights, played again under another order. It reads the ward's
 * database and writes nothing; the agent's loop goes on beside it.
 */

/** Newest night first, every bed of it, so that what time leaves out is old for all beds alike. */
export function whatIf(start: WhatIfStart, question: Omit<WhatIfQuestion, "id">): WhatIf {
  const { night: hours, timeZone, intendedUse, staleAfterMs, sensorLostAfterMs } = start;
  const begun = performance.now();
  const db = openForReading(start.wardFile);
  try {
    const nights = lastNights(question.nowUtcMs, hours, timeZone, whatIfNightsMax);
    const since = nights.at(-1)?.fromUtcMs ?? question.nowUtcMs;
    const stays = question.stay === null ? staysSince(db, since) : [question.stay];
    const orders = new Map(stays.map((stay) => [stay, orderInForce(newestOrder(db, stay), question)]));
    const count = new WhatIfCount(question.order, { staleAfterMs, sensorLostAfterMs });
    for (const { fromUtcMs, untilUtcMs } of nights) {
      if (performance.now() - begun > question.withinMs) break;
      for (const stay of stays)
        count.addNight(stay, orders.get(stay) ?? null, readFacts(db, stay, fromUtcMs, untilUtcMs));
      count.nightDone();
    }
    return count.result(intendedUse, nightMs(hours));
  } finally {
    db.close();
  }
}

/** For one person what is on now; for the ward what was last on for each. */
function orderInForce(order: CareOrder | null, { stay, nowUtcMs }: Omit<WhatIfQuestion, "id">): CareOrder | null {
  const over = order !== null && order.untilUtcMs !== null && order.untilUtcMs <= nowUtcMs;
  return stay !== null && over ? null : order;
}

parentPort?.on("message", ({ id, ...question }: WhatIfQuestion) => {
  let answer: WhatIfAnswer;
  try {
    answer = { id, result: whatIf(workerData as WhatIfStart, question) };
  } catch (cause) {
    answer = { id, failed: String(cause) };
  }
  parentPort?.postMessage(answer);
});
