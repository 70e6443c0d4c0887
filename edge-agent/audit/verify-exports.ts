import { openCheckpoint } from "./checkpoint.ts";
import { type Vkey, writeVkey } from "./note.ts";
import { type LogExport, type Verdict, verifyLog } from "./verify.ts";

/*
 * Several exported logs held against several keys. A log that is whole says nothing of the log that is missing, or that
 * another was put in its place: so each key that was given has to find its own log, and each checkpoint too.
 */

export interface ExportedLogFiles {
  /** Where it lies; a name for the reader, and no evidence of whose log it is. */
  readonly folder: string;
  readonly log: LogExport;
  /** Keys that the export itself names (vkey.txt). From a file, before any check. */
  readonly named: readonly Vkey[];
}

export interface CheckedLog {
  readonly folder: string;
  readonly verdict: Verdict;
  /** Checkpoints kept elsewhere that this log was held against. */
  readonly heldAgainst: number;
}

export interface CheckedExports {
  readonly ok: boolean;
  readonly logs: readonly CheckedLog[];
  /** What is wrong with the set and not with one log, in words. */
  readonly problems: readonly string[];
}

/**
 * @param given keys that the reader got in another way than the export; where there are any, no other counts. Without,
 *   each log is held against the key that it names: that shows that it agrees with itself, and nothing more.
 * @param known signed checkpoints that were kept elsewhere.
 */
export function verifyExports(
  exports: readonly ExportedLogFiles[],
  given: readonly Vkey[],
  known: readonly string[],
): CheckedExports {
  const trustedFor = (one: ExportedLogFiles): readonly Vkey[] => (given.length > 0 ? given : one.named);
  const origins = exports.map((one) => originOf(one.log.checkpoints, trustedFor(one)));
  const problems: string[] = [];
  const knownBy = new Map<string, string[]>();
  for (const [place, note] of known.entries()) {
    const opened = openCheckpoint(note, given.length > 0 ? given : exports.flatMap(({ named }) => named));
    if (!opened.ok) {
      problems.push(`checkpoint ${place + 1} of those kept elsewhere was not used: ${opened.why}`);
      continue;
    }
    const { origin } = opened.checkpoint;
    if (!origins.includes(origin)) {
      problems.push(`checkpoint ${place + 1} of those kept elsewhere was not used: there is no log ${origin} here`);
    }
    knownBy.set(origin, [...(knownBy.get(origin) ?? []), note]);
  }
  const logs = exports.map((one, place) => {
    const mine = knownBy.get(origins[place] ?? "") ?? [];
    const verdict = verifyLog(one.log, { vkeys: trustedFor(one), known: mine });
    return { folder: one.folder, verdict, heldAgainst: mine.length };
  });
  problems.push(...keysWithoutOneLog(given, logs), ...namesOtherKey(exports, given, logs));
  return { ok: problems.length === 0 && logs.every(({ verdict }) => verdict.ok), logs, problems };
}

/** Of the first checkpoint that a trusted key signed; the verifier itself insists that all are of one log. */
function originOf(notes: readonly string[], vkeys: readonly Vkey[]): string | undefined {
  for (const note of notes) {
    const opened = openCheckpoint(note, vkeys);
    if (opened.ok) return opened.checkpoint.origin;
  }
  return undefined;
}

function keysWithoutOneLog(given: readonly Vkey[], logs: readonly CheckedLog[]): string[] {
  const keys = new Map(given.map((key) => [writeVkey(key), key]));
  const problems: string[] = [];
  for (const { name } of keys.values()) {
    // After a key was lost a reader has both: the old one for what it signed, the new one by another way than the log.
    const lost = logs.flatMap(({ verdict }) =>
      verdict.handovers.filter((one) => one.lost !== null && one.to.name === name),
    );
    if ([...keys.values()].filter((key) => key.name === name).length > 1 + lost.length) {
      problems.push(`two keys with the name ${name} were given: which one signs cannot be told`);
      continue;
    }
    const signed = logs.filter(({ verdict }) => verdict.origin === name);
    if (signed.length === 1) continue;
    const folders = signed.map(({ folder }) => folder).join(", ");
    problems.push(
      signed.length === 0
        ? `the key of ${name} was given, and no log here is signed by it: that log is missing or broken`
        : `the key of ${name} was given, and ${signed.length} logs are signed by it: ${folders}`,
    );
  }
  return [...new Set(problems)];
}

/** Somebody put another key file into the export, or the export was never finished. */
function namesOtherKey(
  exports: readonly ExportedLogFiles[],
  given: readonly Vkey[],
  logs: readonly CheckedLog[],
): string[] {
  const problems: string[] = [];
  for (const [place, { folder, named }] of exports.entries()) {
    const origin = logs[place]?.verdict.origin;
    const [only] = named;
    if (only === undefined || named.length > 1) {
      problems.push(`${folder} does not say one key of its log: it is no finished export`);
      continue;
    }
    const its = given.filter(({ name }) => name === origin);
    const key = its.find((one) => writeVkey(one) === writeVkey(only)) ?? its[0];
    if (key !== undefined && writeVkey(key) !== writeVkey(only)) {
      problems.push(`${folder} names another key (${only.name}) than the one that signed it (${key.name})`);
    }
  }
  return problems;
}
