import "../edge-agent/platform/node-version.ts";
import "./trial-data-key.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { AlarmPolicy } from "../edge-agent/contract/alarm-policy.ts";
import { ConsentPolicy } from "../edge-agent/contract/consent.ts";
import { CareOrder } from "../edge-agent/contract/people.ts";
import { WhatIfThread } from "../edge-agent/io/what-if-thread.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { openSealedForWriting } from "../edge-agent/records/open.ts";
import { insertSealed } from "../edge-agent/records/sealed-tables.ts";
import { wardMigrations } from "../edge-agent/records/ward-schema.ts";
import { readArguments } from "./read-arguments.ts";

const usage = `npm run bench:what-if [-- --beds 4]

How long it takes to tell what an order would have meant: thirty whole nights of made-up facts, one a second at each bed,
replayed under two orders with every condition on, on a machine that is otherwise idle. Exits 1 where one person's nights take longer than 2 s.`;
const values = readArguments(usage, {
  beds: { type: "string", default: "4" },
  help: { type: "boolean", default: false },
});
const beds = Number(values.beds);
if (values.help || !(beds >= 1 && beds <= 20)) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

const wholeMsMax = 2_000;
const nights = 30;
const nightSec = 9 * 3_600;
const dayMs = 86_400_000;
const firstNightUtcMs = Date.UTC(2026, 0, 10, 22);
const order = CareOrder.parse({
  leftBed: { afterMs: 120_000 },
  notBack: { afterMs: 900_000 },
  edgeOfBed: { afterMs: 15_000 },
  onFloor: { afterMs: 5_000 },
  secondPerson: { afterMs: 30_000 },
  noMovement: { afterMs: 1_800_000 },
  cannotSeeBreathing: { afterMs: 60_000 },
  rateUnavailable: { afterMs: 300_000 },
  breathing: { lowPerMin: 9, highPerMin: 15, forMs: 30_000 },
  by: "bench",
  reason: "bench",
});

const folder = mkdtempSync(join(tmpdir(), "quietround-what-if-"));
try {
  const wardFile = join(folder, "ward.sqlite");
  fill(wardFile);
  const site = {
    alarms: AlarmPolicy.parse({}),
    consent: ConsentPolicy.parse({}),
    limits: { staleAfterMs: 3_000, sensorLostAfterMs: 5_000 },
  };
  const thread = new WhatIfThread(wardFile, site, newLog("what-if"));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let slowestMs = 0;
  for (const stay of ["stay-0", "stay-0", null]) {
    const begun = performance.now();
    const nowUtcMs = firstNightUtcMs + (nights - 1) * dayMs + dayMs / 2;
    const stricter = { ...order, leftBed: { afterMs: 60_000 } };
    const result = await thread.ask({ stay, order: stricter, nowUtcMs });
    const tookMs = Math.round(performance.now() - begun);
    if (stay !== null) slowestMs = Math.max(slowestMs, tookMs);
    const told = result == null ? "nothing" : `${result.nights} nights, ${result.bedNights.toFixed(0)} bed-nights`;
    process.stdout.write(`${stay === null ? `the ward of ${beds}` : "one person"}: ${told} in ${tookMs} ms\n`);
  }
  process.stdout.write(`meanwhile the asking thread waited at most ${(delay.max / 1e6).toFixed(0)} ms for its turn\n`);
  await thread.stop();
  process.exitCode = slowestMs > wholeMsMax ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Facts of all beds lie between one another, as a ward writes them. The rules on writing are not what is measured. */
function fill(path: string): void {
  const db = openSealedForWriting(path, wardMigrations);
  db.pragma("synchronous = OFF");
  const triggers = db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all() as string[];
  for (const name of triggers) db.exec(`DROP TRIGGER ${name}`);
  const addFact = db.prepare(
    `INSERT INTO fact (stay, at, occupancy, movement, place, people, breathing_per_min, quality, reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, 0.9, ?)`,
  );
  db.transaction(() => {
    for (let bed = 0; bed < beds; bed++) {
      const stay = `stay-${bed}`;
      insertSealed(db, "stay", { id: stay, bed: `room-${bed}`, label: "P", demonstration: 1, started_at: 0 });
      insertSealed(db, "care_order", { stay, care_order: JSON.stringify(order), at: 0 });
    }
    for (let night = 0; night < nights; night++) {
      for (let second = 0; second < nightSec; second++) {
        for (let bed = 0; bed < beds; bed++) {
          const up = second % 3_600 < 300;
          addFact.run(
            `stay-${bed}`,
            firstNightUtcMs + night * dayMs + second * 1_000 + bed * 7,
            up ? "empty" : "in-bed",
            Math.abs(Math.sin(second * 1.7 + bed)) * 20,
            up ? "out" : "in-bed",
            up ? "none" : "one",
            up ? null : 12 + 4 * Math.sin(second / 500 + bed),
            up ? "nobody-in-bed" : second % 7 === 0 ? "weak-signal" : null,
          );
        }
      }
    }
  })();
  db.close();
}
