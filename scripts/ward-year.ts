import "../edge-agent/platform/node-version.ts";
import "./trial-data-key.ts";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type Database from "better-sqlite3";
import { dayMs, hourMs } from "../edge-agent/contract/consent.ts";
import { localHour } from "../edge-agent/contract/local-hour.ts";
import { makeAccount, recordTraining } from "../edge-agent/records/accounts.ts";
import { AuditStore } from "../edge-agent/records/audit-store.ts";
import { tokenHash } from "../edge-agent/records/codes.ts";
import { dashboardMigrations } from "../edge-agent/records/dashboard-log.ts";
import type { Migrations } from "../edge-agent/records/migrations.ts";
import { openSealedForWriting } from "../edge-agent/records/open.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { insertSealed } from "../edge-agent/records/sealed-tables.ts";
import { keepWallClock } from "../edge-agent/records/wall-clock.ts";
import { writeRow } from "../edge-agent/records/ward-rows.ts";
import { wardMigrations } from "../edge-agent/records/ward-schema.ts";
import { readArguments } from "./read-arguments.ts";
import { bedDay } from "./ward-year/bed-day.ts";
import { type Chance, chanceOf } from "./ward-year/chance.ts";
import { isSettled, prepareFact, writeFact } from "./ward-year/facts.ts";
import { actorOf, entry, type Happening, onDashboard, onWard, type Person, system } from "./ward-year/happening.ts";
import { planStay, type StayPlan } from "./ward-year/stay-plan.ts";

/*
 * Test data: the records of one ward in which nobody ever was, for the code that reads records. Every row goes through the program's own
 * tables with their rules, and every entry through its own log. Nothing measured on it says anything about a real ward.
 */

export interface WardYearChoices {
  readonly beds: number;
  readonly days: number;
  readonly seed: number;
  /** Midnight after the last day. */
  readonly endUtcMs: number;
  readonly timeZone: string;
  /** About so many facts in the last thirty days; older ones would have been forgotten. 0: none. */
  readonly factsPerMonth: number;
}

export interface WardYear {
  readonly wardFile: string;
  readonly dashboardFile: string;
  readonly stays: readonly StayPlan[];
  readonly facts: number;
  readonly entries: number;
}

const factDays = 30;
/** Of the hours of beds, those in which something is sensed: so that a wanted number of facts comes about. */
const sensedShare = 0.33;

/** Writes `ward.sqlite` and `dashboard.sqlite` into a folder that has neither. Throws where one is there. */
export function makeWardYear(folder: string, choices: WardYearChoices): WardYear {
  const files = { wardFile: join(folder, "ward.sqlite"), dashboardFile: join(folder, "dashboard.sqlite") };
  for (const path of Object.values(files))
    if (existsSync(path))
      throw new Error(`${path} is there already: made-up records never go into a ward's own folder`);
  mkdirSync(folder, { recursive: true });
  const ward = openBook(files.wardFile, "audit", wardMigrations);
  const dashboard = openBook(files.dashboardFile, "audit-dashboard", dashboardMigrations);
  keepWallClock(ward.db, choices.timeZone);
  const chance = chanceOf(choices.seed);
  const staff = staffOf(choices.beds);
  const begin = choices.endUtcMs - choices.days * dayMs;
  const stays = staysOf(choices, begin, staff, chance.fork());
  let waiting: Happening[] = [
    ...startOf(staff, begin, chance.fork()),
    ...stays.flatMap(({ happenings }) => happenings),
  ];
  const insert = prepareFact(ward.db);
  const days = chance.fork();
  let facts = 0;
  for (let day = begin; day < choices.endUtcMs; day += dayMs) {
    const onDuty = dutyOf(staff, days.fork(), choices.timeZone);
    const happened = stays.flatMap((stay) => bedDay({ stay, dayUtcMs: day, onDuty, timeZone: choices.timeZone }, days));
    waiting.push(...happened, ...aroundOf(day, staff, days));
    const today = waiting.filter(({ atUtcMs }) => atUtcMs < day + dayMs).sort((a, b) => a.atUtcMs - b.atUtcMs);
    waiting = waiting.filter(({ atUtcMs }) => atUtcMs >= day + dayMs);
    const everyMs =
      choices.factsPerMonth > 0 && day >= choices.endUtcMs - factDays * dayMs
        ? Math.max(1_000, (choices.beds * factDays * dayMs * sensedShare) / choices.factsPerMonth)
        : null;
    const present = stays.filter((stay) => stay.fromUtcMs < day + dayMs && stay.untilUtcMs > day);
    const write = (fromUtcMs: number, untilUtcMs: number): void => {
      if (everyMs === null) return;
      for (let at = Math.ceil(fromUtcMs / everyMs) * everyMs; at < untilUtcMs; at += everyMs)
        for (const stay of present)
          if (isSettled(stay, at) && writeFact(insert, stay, at, choices.timeZone, days)) facts += 1;
    };
    ward.inOne(() =>
      dashboard.inOne(() => {
        let written = day;
        for (const happening of today) {
          write(written, happening.atUtcMs);
          written = Math.max(written, happening.atUtcMs);
          (happening.log === "ward" ? ward : dashboard).take(happening);
        }
        write(written, day + dayMs);
      }),
    );
  }
  const entries = ward.close() + dashboard.close();
  return { ...files, stays, facts, entries };
}

/** A database with a log: without waiting for the disk, because nobody relies on it. */
function openBook(path: string, part: string, migrations: Migrations) {
  const db = openSealedForWriting(path, migrations);
  db.pragma("synchronous = OFF");
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const audit = new AuditStore(db, {
    origin: `made-up.example/${part}/2026`,
    sign: signerOf(privateKey),
    publicKey,
    boot: "00000000-0000-4000-8000-000000000001",
    cfgSha256: "c".repeat(64),
    modelSha256: "d".repeat(64),
  });
  audit.checkOnStart();
  return {
    db,
    inOne: (work: () => void): void => {
      db.transaction(work).immediate();
      audit.checkpoint();
    },
    take: ({ atUtcMs, intents, rows, also }: Happening): void => {
      const stamp = { utcMs: atUtcMs, monoNs: BigInt(Math.round(atUtcMs)) };
      for (const intent of intents) audit.append(intent, stamp);
      for (const row of rows) writeRow(db, row);
      also?.(db, (intent, at) => audit.append(intent, at), stamp);
    },
    close: (): number => {
      const size = audit.size();
      db.close();
      return size;
    },
  };
}

function staffOf(beds: number): Person[] {
  const nurses = Math.max(6, Math.round(beds * 0.7));
  return [
    ...Array.from({ length: nurses }, (_, n): Person => ({ id: `nurse-${n}`, name: `Nurse ${n + 1}`, role: "nurse" })),
    ...Array.from(
      { length: 3 },
      (_, n): Person => ({ id: `charge-${n}`, name: `Charge ${n + 1}`, role: "nurse-in-charge" }),
    ),
    { id: "lead", name: "Grace Lead", role: "governance-lead" },
    { id: "engineer", name: "Eve Engineer", role: "engineer" },
  ];
}

/** Three by day, two by night, and one in charge. */
function dutyOf(staff: readonly Person[], chance: Chance, timeZone: string): (utcMs: number) => readonly Person[] {
  const nurses = staff.filter(({ role }) => role === "nurse");
  const from = chance.whole(0, nurses.length - 1);
  const some = (first: number, count: number): Person[] =>
    Array.from({ length: count }, (_, n) => nurses[(from + first + n) % nurses.length]!);
  const charge = chance.pick(staff.filter(({ role }) => role === "nurse-in-charge"));
  const [byDay, byNight] = [[...some(0, 3), charge], some(3, 2)];
  return (utcMs) => {
    const hour = localHour(utcMs, timeZone);
    return hour >= 8 && hour < 20 ? byDay : byNight;
  };
}

function staysOf(
  { beds, endUtcMs }: WardYearChoices,
  begin: number,
  staff: readonly Person[],
  chance: Chance,
): StayPlan[] {
  const stays: StayPlan[] = [];
  for (let bed = 1; bed <= beds; bed++) {
    // Everybody came some time after the records began.
    let at = begin + Math.round(chance.next() * 3 * dayMs) + 2 * hourMs;
    while (at < endUtcMs - hourMs) {
      const untilUtcMs = Math.round(at + Math.min(150, 2 + chance.about(20, 0.7)) * dayMs);
      stays.push(planStay({ bed: `room-${bed}`, fromUtcMs: at, untilUtcMs, endUtcMs }, staff, chance.fork()));
      at = untilUtcMs + Math.round(chance.about(14, 0.8) * hourMs);
    }
  }
  return stays;
}

/** Accounts, most of them trained within the year, some not any more, and the first start of the program. */
function startOf(staff: readonly Person[], begin: number, chance: Chance): Happening[] {
  const by = system("set-up");
  const date = (utcMs: number): string => new Date(utcMs).toISOString().slice(0, 10);
  const accounts = staff.map((person, n) =>
    onWard(
      begin + n * 1_000,
      [entry("staff.add", by, { staff: person.id, role: person.role, agency: false, untilUtcMs: null })],
      [],
      (db, append, stamp) => {
        insertSealed(db, "staff", { id: person.id, name: person.name, since: stamp.utcMs });
        makeAccount(
          db,
          { id: person.id, badge: `B${1_000 + n}`, role: person.role, agency: false, until: null, by: "set-up" },
          stamp,
        );
        if (n % 9 === 8) return;
        const doneOn = date(begin - chance.whole(5, 300) * dayMs);
        const validUntil = date(Date.parse(doneOn) + (n % 5 === 4 ? 330 : 730) * dayMs);
        recordTraining(db, append, { staff: person.id, doneOn, validUntil, by }, stamp);
      },
    ),
  );
  return [onWard(begin, runOf(0)), ...accounts];
}

const runOf = (version: number): Happening["intents"] => [
  entry("process.start", system("agent"), { node: "v24.0.0" }),
  entry("config.apply", system("agent"), { sha256: version.toString(16).padStart(64, "c") }),
  entry("model.load", system("agent"), {
    model: "radar-breathing",
    sha256: Math.floor(version / 2)
      .toString(16)
      .padStart(64, "d"),
  }),
];

/** What is nobody's bed: shifts, the governance lead, and now and then another configuration. */
function aroundOf(dayUtcMs: number, staff: readonly Person[], chance: Chance): Happening[] {
  const found: Happening[] = [];
  const nurses = staff.filter(({ role }) => role === "nurse" || role === "nurse-in-charge");
  for (const [shift, hour] of [8, 20].entries())
    for (let n = 0; n < 3; n++) {
      const person = nurses[(Math.floor(dayUtcMs / dayMs) * 3 + shift * 3 + n) % nurses.length]!;
      const atUtcMs = dayUtcMs + hour * hourMs + n * 60_000;
      const token = chance.id();
      found.push(
        onWard(atUtcMs, [entry("sign-in", actorOf(person), { role: person.role })], [], (db: Database.Database) => {
          db.prepare(
            "INSERT INTO session (token_sha256, staff, role, started_at, expires_at, ended_at) VALUES (?, ?, ?, ?, ?, ?)",
          ).run(tokenHash(token), person.id, person.role, atUtcMs, atUtcMs + 12 * hourMs, atUtcMs + 12 * hourMs);
        }),
      );
    }
  const dayNumber = Math.floor(dayUtcMs / dayMs);
  const lead = staff.find(({ role }) => role === "governance-lead");
  if (dayNumber % 30 === 3 && lead !== undefined) {
    const detail = { page: "/governance", bed: null, purposeOfEvent: "HQUALIMP" };
    found.push(onDashboard(dayUtcMs + 10 * hourMs, entry("page.open", actorOf(lead), detail)));
  }
  if (dayNumber % 41 === 7) found.push(onWard(dayUtcMs + 5 * hourMs, runOf(dayNumber)));
  return found;
}

const usage = `node scripts/ward-year.ts --out FOLDER [--beds 20] [--months 12 | --days N] [--seed 1] [--facts-per-month 0]

Writes the records of a made-up ward into an empty folder: test data for the governance pages, and for nothing else.`;

if (import.meta.main) {
  const values = readArguments(usage, {
    out: { type: "string" },
    beds: { type: "string", default: "20" },
    months: { type: "string", default: "12" },
    days: { type: "string" },
    seed: { type: "string", default: "1" },
    "facts-per-month": { type: "string", default: "0" },
  });
  const [beds, days, seed, factsPerMonth] = [
    values.beds,
    values.days ?? Math.round((Number(values.months) * 365) / 12),
    values.seed,
    values["facts-per-month"],
  ].map(Number);
  if (values.out === undefined || !(beds! >= 1 && beds! <= 60 && days! >= 1 && days! <= 1_000 && factsPerMonth! >= 0)) {
    process.stderr.write(`${usage}\n`);
    process.exit(2);
  }
  const begun = performance.now();
  const endUtcMs = Math.floor(Date.now() / dayMs) * dayMs;
  const made = makeWardYear(values.out, {
    beds: beds!,
    days: days!,
    seed: seed!,
    factsPerMonth: factsPerMonth!,
    endUtcMs,
    timeZone: "Europe/London",
  });
  const tookSec = ((performance.now() - begun) / 1_000).toFixed(1);
  process.stdout.write(`${made.stays.length} stays, ${made.entries} entries, ${made.facts} facts in ${tookSec} s\n`);
}
