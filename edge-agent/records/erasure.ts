import type Database from "better-sqlite3";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { ErasureAsk } from "../contract/erasure.ts";
import type { Actor } from "../contract/people.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import { type Append, at, intentOf } from "./invites.ts";

/** In the caller's transaction, with its entry. Nothing of a person who is still here, and nothing that is held. */
export function eraseWords(
  db: Database.Database,
  append: Append,
  ask: ErasureAsk,
  by: Actor,
  stamp: Stamp,
): AskResult | Refused {
  const { bed, reason } = ask;
  const found = db
    .prepare("SELECT id, ended_at FROM stay WHERE bed = @bed AND started_at <= @at AND coalesce(ended_at, @at) >= @at")
    .all({ bed, at: Math.round(ask.atUtcMs) }) as { readonly id: string; readonly ended_at: number | null }[];
  const [stay, another] = found;
  if (stay === undefined) return refuse("not-found", "Nobody was in this bed then.");
  if (another !== undefined)
    return refuse("policy", "One person left and another came just then. Choose another moment.");
  if (stay.ended_at === null) return refuse("policy", "This person is still here. It can be done once they have left.");
  const held = db.prepare("SELECT 1 FROM hold WHERE stay = ? AND expires_at > ?").get(stay.id, at(stamp));
  if (held !== undefined)
    return refuse("policy", "These records are held after an incident. It can be done once that is over.");
  const erased = db
    .prepare(
      `DELETE FROM main.phi WHERE seq IN
         (SELECT idx FROM entry WHERE idx IN (SELECT seq FROM main.phi) AND instr(CAST(plain AS TEXT), @mention) > 0)`,
    )
    .run({ mention: `"stay":"${stay.id}"` }).changes;
  append(intentOf("audit.erase", by, { bed, stay: stay.id, erased }, { reason }), stamp);
  return { is: "done" };
}
