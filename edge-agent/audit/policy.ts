import { openCheckpoint } from "./checkpoint.ts";
import { type Cosigner, cosignedBy, readCosigner } from "./cosignature.ts";
import { readVkey, type Vkey } from "./note.ts";

/*
 * Whose word a reader wants for a log: the lines of c2sp.org/tlog-policy.
 *
 *   log <vkey>                       a log that is believed
 *   witness <name> <vkey> [<url>]    a witness
 *   group <name> <k|any|all> <member>...   k of these witnesses or groups
 *   quorum <name|none>               what every checkpoint needs
 */
export interface Policy {
  readonly logs: readonly Vkey[];
  readonly witnesses: readonly { readonly name: string; readonly key: Cosigner; readonly url: string | null }[];
  readonly groups: readonly { readonly name: string; readonly least: number; readonly members: readonly string[] }[];
  /** Null: none is wanted. */
  readonly quorum: string | null;
}

export type ReadPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly line: number; readonly words: string };

/** From a file, before any check; never throws. Names what is wrong with its first bad line. */
export function readPolicy(text: string): ReadPolicy {
  const logs: Vkey[] = [];
  const witnesses: Policy["witnesses"][number][] = [];
  const groups: Policy["groups"][number][] = [];
  let quorum: string | null | undefined;
  const known = (name: string): boolean => [...witnesses, ...groups].some((one) => one.name === name);
  for (const [index, raw] of text.split("\n").entries()) {
    const wrong = (words: string): ReadPolicy => ({ ok: false, line: index + 1, words });
    const line = raw.replace(/#.*$/, "").trim();
    if (line === "") continue;
    const [kind, first, ...rest] = line.split(/\s+/);
    if (first === undefined) return wrong(`"${kind}" says nothing`);
    switch (kind) {
      case "log": {
        const vkey = readVkey(first);
        if (vkey === undefined) return wrong("no key of a log");
        logs.push(vkey);
        break;
      }
      case "witness": {
        const key = readCosigner(rest[0] ?? "");
        if (key === undefined) return wrong("no key of a witness");
        if (known(first) || first === "none") return wrong(`"${first}" is named twice`);
        witnesses.push({ name: first, key, url: rest[1] ?? null });
        break;
      }
      case "group": {
        const [count, ...members] = rest;
        if (known(first) || first === "none") return wrong(`"${first}" is named twice`);
        const unknown = members.find((member) => !known(member));
        if (unknown !== undefined) return wrong(`"${unknown}" is not named before`);
        if (new Set(members).size !== members.length) return wrong("a member is named twice");
        const least = count === "any" ? 1 : count === "all" ? members.length : Number(count);
        if (!Number.isInteger(least) || least < 1 || least > members.length)
          return wrong(`${count} of ${members.length}`);
        groups.push({ name: first, least, members });
        break;
      }
      case "quorum":
        if (quorum !== undefined) return wrong("a second quorum");
        if (first !== "none" && !known(first)) return wrong(`"${first}" is not named before`);
        quorum = first === "none" ? null : first;
        break;
      default:
        return wrong(`"${kind}" is none of log, witness, group, quorum`);
    }
  }
  if (quorum === undefined) return { ok: false, line: text.split("\n").length, words: "no quorum is named" };
  return { ok: true, policy: { logs, witnesses, groups, quorum } };
}

export interface Quorum {
  readonly met: boolean;
  /** Who cosigned, and when, by their own clock. */
  readonly by: readonly { readonly name: string; readonly atSec: number }[];
}

/** Whether the witnesses that the policy wants have cosigned this checkpoint. */
export function quorumOf(note: string, { witnesses, groups, quorum }: Policy): Quorum {
  const cosigned = cosignedBy(
    note,
    witnesses.map(({ key }) => key),
  );
  const by = witnesses.flatMap(({ name, key }) => {
    const found = cosigned.find((one) => one.name === key.name);
    return found === undefined ? [] : [{ name, atSec: found.atSec }];
  });
  const met = new Set(by.map(({ name }) => name));
  // A group names only what stands above it.
  for (const { name, least, members } of groups) {
    if (members.filter((member) => met.has(member)).length >= least) met.add(name);
  }
  return { met: quorum === null || met.has(quorum), by };
}

export interface Witnessed extends Quorum {
  /** Entries that the newest checkpoint with a quorum covers; 0: there is none. */
  readonly size: number;
}

/** How far the witnesses that the policy wants have seen this log. @param notes its checkpoints, in any order, from files, before any check */
export function witnessedBy(
  notes: readonly string[],
  origin: string,
  policy: Policy,
  vkeys: readonly Vkey[],
): Witnessed {
  let best: Witnessed = { met: policy.quorum === null, by: [], size: 0 };
  for (const note of notes) {
    const opened = openCheckpoint(note, vkeys);
    if (!opened.ok || opened.checkpoint.origin !== origin || opened.checkpoint.size <= best.size) continue;
    const quorum = quorumOf(note, policy);
    if (quorum.met) best = { ...quorum, size: opened.checkpoint.size };
  }
  return best;
}
