import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readEntry } from "../../edge-agent/audit/entry.ts";
import { openForReading } from "../../edge-agent/records/open.ts";
import type { StruckWard } from "./struck-ward.ts";
import type { Acknowledged, Quiet } from "./touches.ts";

const run = promisify(execFile);
const script = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** What of the acknowledged is not in the ward's records, in words; and what is there that may not be. Read while the ward runs. */
export function findLost(
  { ward, screen, people }: StruckWard,
  acknowledged: Acknowledged,
  quiets: readonly Quiet[],
): string[] {
  const db = openForReading(join(ward.dataDir, "ward.sqlite"));
  try {
    const entries = (db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Uint8Array[]).flatMap(
      (bytes) => {
        const read = readEntry(new Uint8Array(bytes));
        return read.ok ? [read.entry] : [];
      },
    );
    const lost: string[] = [];
    const checkRows = db.prepare("SELECT id, seen FROM person_check WHERE stay = ?").all(people.steady.stay) as {
      id: string;
      seen: string;
    }[];
    const idOf = new Map(checkRows.map(({ id, seen }) => [String(JSON.parse(seen).concern), id]));
    const recorded = new Set(
      entries.flatMap(({ action, detail }) => (action === "check.record" ? [detail.check] : [])),
    );
    for (const check of acknowledged.checks) {
      const id = idOf.get(check);
      if (id === undefined) lost.push(`the check "${check}" is not in the database`);
      else if (!recorded.has(id)) lost.push(`the check "${check}" is not in the audit log`);
    }
    const consentAt = db.prepare("SELECT state, at FROM consent WHERE stay = ?").all(people.pausing.stay) as {
      state: string;
      at: number;
    }[];
    const atOf = (action: string): number[] =>
      entries.flatMap((entry) =>
        entry.action === action && entry.detail.bed === people.pausing.bed ? [Date.parse(entry.t)] : [],
      );
    const told = { paused: atOf("consent.pause"), granted: atOf("consent.resume") };
    for (const { state, fromUtcMs, untilUtcMs } of acknowledged.consents) {
      const within = (at: number): boolean => at >= Math.floor(fromUtcMs) && at <= Math.ceil(untilUtcMs);
      const when = new Date(fromUtcMs).toISOString();
      if (!consentAt.some((row) => row.state === state && within(row.at)))
        lost.push(`${state} of ${when}: not in the database`);
      if (!told[state].some(within)) lost.push(`${state} of ${when}: not in the audit log`);
    }
    const alarms = new Set(db.prepare("SELECT id FROM alarm").pluck().all() as string[]);
    for (const id of screen.alarms)
      if (!alarms.has(id)) lost.push(`the alarm ${id} was shown and is not in the database`);
    const facts = db.prepare("SELECT count(*) FROM fact WHERE stay = ? AND at > ? AND at < ?").pluck();
    for (const { fromUtcMs, untilUtcMs } of quiets) {
      const count = Number(facts.get(people.pausing.stay, fromUtcMs, Math.min(untilUtcMs, Date.now())));
      if (count > 0) lost.push(`${count} facts of a person who had paused at ${new Date(fromUtcMs).toISOString()}`);
    }
    if (Number(facts.get(people.never.stay, 0, Date.now())) > 0) lost.push("facts of a person who was never asked");
    return lost;
  } finally {
    db.close();
  }
}

/** Samples that the agent took of somebody who had stopped, or was never asked, as its own tiles tell them. */
export function findTaken({ screen, people }: StruckWard, quiets: readonly Quiet[]): string[] {
  const taken: string[] = [];
  const never = screen.tiles.get(people.never.bed) ?? [];
  if (never.some(({ tile }) => tile.engineering.framesAccepted > 0))
    taken.push("frames of a person who was never asked");
  const seen = screen.tiles.get(people.pausing.bed) ?? [];
  for (const { fromUtcMs, untilUtcMs } of quiets) {
    const counts = seen
      .filter(({ tile }) => tile.at > fromUtcMs && tile.at < untilUtcMs)
      .map(({ tile }) => tile.engineering.framesAccepted);
    // A new agent counts from nothing.
    const isMore = counts.some((count, place) => place > 0 && count > (counts[place - 1] ?? 0));
    if (isMore)
      taken.push(`frames of a person who had paused at ${new Date(fromUtcMs).toISOString()}: ${counts.join(", ")}`);
  }
  return taken;
}

const databases = { station: "ward.sqlite", dashboard: "dashboard.sqlite" } as const;
type Owner = keyof typeof databases;

/** After everything has ended: databases and logs, by the programs that an auditor uses. Empty: whole. */
export async function findDamage(
  dataDir: string,
  owners: readonly Owner[] = ["station", "dashboard"],
): Promise<string[]> {
  const damage: string[] = [];
  for (const file of owners.map((owner) => databases[owner])) {
    const db = openForReading(join(dataDir, file));
    const word = db.pragma("integrity_check", { simple: true });
    db.close();
    if (word !== "ok") damage.push(`${file}: ${String(word)}`);
  }
  const out = join(dataDir, "export-after-faults");
  const node = (name: string, ...args: string[]) =>
    run(process.execPath, [script(name), ...args], { maxBuffer: 64 * 1024 * 1024 });
  try {
    await node("audit-export.ts", "--data", dataDir, "--out", out);
    const keys = owners.flatMap((owner) => ["--key", join(dataDir, "keys", `${owner}.vkey`)]);
    await node("audit-verify.ts", out, ...keys);
  } catch (cause) {
    const said = cause as { stdout?: string; message: string };
    damage.push(`the audit log does not verify: ${said.stdout ?? ""} ${said.message}`);
  }
  rmSync(out, { recursive: true, force: true });
  return damage;
}
