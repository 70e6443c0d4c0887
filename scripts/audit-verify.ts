import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readVkey, type Vkey } from "../edge-agent/audit/note.ts";
import { type Policy, readPolicy, witnessedBy } from "../edge-agent/audit/policy.ts";
import { type CheckedLog, type ExportedLogFiles, verifyExports } from "../edge-agent/audit/verify-exports.ts";
import { exportFiles } from "../edge-agent/records/export-files.ts";
import { isExport, readNotes } from "../edge-agent/records/read-export.ts";
import { readLongExport } from "./verify-threads/read-long-export.ts";

/*
 * Verifies exported audit logs. Needs the export and public keys, nothing else of the installation. Ends with 0 where
 * every log is whole and every key and checkpoint given has its log, 1 where not, 2 where it was called wrongly.
 */

const usage = `usage: npm run audit:verify -- FOLDER [--key FILE]... [--checkpoint FILE]... [--policy FILE]

  FOLDER        one exported log, or a folder of them
  --key         public key of a log (a vkey line), got from the ward by another way than the export; each key that is
                given has to find exactly one log
  --checkpoint  a signed checkpoint that was kept elsewhere: only this shows a log that was rolled back as a whole
  --policy      which logs and witnesses are believed, and how many witnesses have to have cosigned (C2SP tlog-policy);
                its logs count as keys that were given
`;

const faultsShownMax = 50;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Asked {
  readonly folder: string;
  readonly keyFiles: readonly string[];
  readonly checkpointFiles: readonly string[];
  readonly policyFile: string | undefined;
}

async function main(args: readonly string[]): Promise<0 | 1 | 2> {
  const asked = readArgs(args);
  if (asked === undefined) return wrong("");
  const { folder, keyFiles, checkpointFiles, policyFile } = asked;
  try {
    if (!statSync(folder).isDirectory()) return wrong(`${folder} is no folder`);
    const folders = isExport(folder) ? [folder] : exportsIn(folder);
    if (folders.length === 0) return wrong(`there is no exported log in ${folder}`);
    const policy = policyFile === undefined ? undefined : policyIn(policyFile);
    const given = [...keyFiles.flatMap((file) => keysGivenIn(file)), ...(policy?.logs ?? [])];
    const known = checkpointFiles.flatMap((file) => checkpointsGivenIn(file));
    const exports: ExportedLogFiles[] = [];
    for (const one of folders) exports.push({ folder: one, log: await readLongExport(one), named: keysNamedIn(one) });
    const { ok, logs, problems } = verifyExports(exports, given, known);
    for (const log of logs) print(log, given.length > 0);
    const witnessed = policy === undefined || sayWitnessed(logs, exports, { policy, given, known });
    for (const problem of problems) say(`NOT OK       ${problem}`);
    return ok && witnessed ? 0 : 1;
  } catch (cause) {
    return wrong(cause instanceof Error ? cause.message : String(cause));
  }
}

interface Believed {
  readonly policy: Policy;
  readonly given: readonly Vkey[];
  readonly known: readonly string[];
}

/** What the witnesses have seen: up to there nobody can have changed it afterwards, not even with the ward's own key. */
function sayWitnessed(
  logs: readonly CheckedLog[],
  exports: readonly { readonly log: { readonly checkpoints: readonly string[] } }[],
  { policy, given, known }: Believed,
): boolean {
  let all = true;
  for (const [place, { verdict }] of logs.entries()) {
    const { origin } = verdict;
    if (origin === null) continue;
    const notes = [...(exports[place]?.log.checkpoints ?? []), ...known];
    const { met, by, size } = witnessedBy(notes, origin, policy, given);
    const who = by.map(({ name, atSec }) => `${name} at ${new Date(atSec * 1_000).toISOString()}`).join(", ");
    if (met && policy.quorum === null) say(`witnesses    ${origin}: the policy wants none`);
    else if (met) say(`witnesses    ${origin}: ${size} of ${verdict.entries} entries, by ${who}`);
    else say(`NOT OK       ${origin}: no checkpoint has the witnesses that the policy wants`);
    all &&= met;
  }
  return all;
}

function policyIn(file: string): Policy {
  const read = readPolicy(readFileSync(file, "utf8"));
  if (!read.ok) throw new Error(`${file}, line ${read.line}: ${read.words}`);
  return read.policy;
}

function print({ folder, verdict, heldAgainst }: CheckedLog, keysGiven: boolean): void {
  say(`log          ${verdict.origin ?? "unknown: nothing is signed"}`);
  say(`folder       ${resolve(folder)}`);
  say(`entries      ${verdict.entries}`);
  say(`first, last  ${verdict.firstAt ?? "-"}, ${verdict.lastAt ?? "-"}`);
  say(`checkpoints  ${verdict.checkpoints}, covering ${verdict.signedEntries} of ${verdict.entries} entries`);
  if (verdict.commitmentsChecked > 0) say(`personal     ${verdict.commitmentsChecked} entries held against their data`);
  say(
    heldAgainst > 0
      ? `kept         held against ${heldAgainst} checkpoints that were kept elsewhere`
      : "note         a log rolled back to an older checkpoint as a whole shows only against one kept elsewhere (--checkpoint)",
  );
  if (!keysGiven) {
    say(
      "note         the key came with the export: this shows that the log agrees with itself, not who signed it (--key)",
    );
  }
  if (verdict.ok) {
    say(
      keysGiven
        ? "OK           every entry is as it was signed\n"
        : "OK           it agrees with itself; who signed it was not checked\n",
    );
    return;
  }
  say(`NOT OK       ${verdict.faults.length} ${verdict.faults.length === 1 ? "fault" : "faults"}`);
  for (const fault of verdict.faults.slice(0, faultsShownMax)) {
    const place =
      fault.seq === null ? "" : ` [entry ${fault.seq}${fault.lastSeq === fault.seq ? "" : ` to ${fault.lastSeq}`}]`;
    say(`  ${fault.why}${place}: ${fault.words}`);
  }
  if (verdict.faults.length > faultsShownMax) say(`  and ${verdict.faults.length - faultsShownMax} more`);
  say("");
}

function readArgs(args: readonly string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: "string", multiple: true },
        checkpoint: { type: "string", multiple: true },
        policy: { type: "string" },
      },
    });
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) return undefined;
    return { folder, keyFiles: values.key ?? [], checkpointFiles: values.checkpoint ?? [], policyFile: values.policy };
  } catch {
    return undefined;
  }
}

/** Undefined for each line that is no key. */
const keyLines = (file: string): (Vkey | undefined)[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => readVkey(line));

/** Throws for a file that holds no key: a verifier that silently trusts fewer keys than it was given would mislead. */
function keysGivenIn(file: string): Vkey[] {
  const keys = keyLines(file);
  const good = keys.filter((key) => key !== undefined);
  if (good.length === 0 || good.length !== keys.length) throw new Error(`${file} is no public key of an audit log`);
  return good;
}

/** Of the export, before any check: what is no key is no key, and the verifier says that the export names none. */
function keysNamedIn(folder: string): Vkey[] {
  const file = join(folder, exportFiles.vkey);
  const keys = existsSync(file) ? keyLines(file) : [];
  return keys.includes(undefined) ? [] : keys.filter((key) => key !== undefined);
}

function checkpointsGivenIn(file: string): string[] {
  const notes = readNotes(readFileSync(file, "utf8"));
  if (notes.length === 0) throw new Error(`${file} holds no checkpoint`);
  return notes;
}

const exportsIn = (folder: string): string[] =>
  readdirSync(folder)
    .toSorted()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory() && isExport(path));

function wrong(why: string): 2 {
  process.stderr.write(why === "" ? usage : `${why}\n\n${usage}`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
