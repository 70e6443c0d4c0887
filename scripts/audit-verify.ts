import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readVkey, type Vkey } from "../edge-agent/audit/note.ts";
import { type Verdict, verifyLog } from "../edge-agent/audit/verify.ts";
import { exportFiles } from "../edge-agent/records/export-log.ts";
import { isExport, readExport, readNotes } from "../edge-agent/records/read-export.ts";

/*
 * Verifies exported audit logs. Needs the export and public keys, nothing else of the installation. Ends with 0 where
 * every log is whole, 1 where one is not, 2 where it was called wrongly.
 */

const usage = `usage: npm run audit:verify -- FOLDER [--key FILE]... [--checkpoint FILE]...

  FOLDER        one exported log, or a folder of them
  --key         public key of the log (a vkey line), got from the ward by another way than the export
  --checkpoint  a signed checkpoint that was kept elsewhere: shows a log that was rolled back as a whole
`;

const faultsShownMax = 50;

function main(args: readonly string[]): 0 | 1 | 2 {
  const asked = readArgs(args);
  if (asked === undefined) return wrong("");
  const { folder, keyFiles, checkpointFiles } = asked;
  try {
    if (!statSync(folder).isDirectory()) return wrong(`${folder} is no folder`);
    const logs = isExport(folder) ? [folder] : exportsIn(folder);
    if (logs.length === 0) return wrong(`there is no exported log in ${folder}`);
    const given = keyFiles.flatMap((file) => keysIn(file));
    const known = checkpointFiles.flatMap((file) => readNotes(readFileSync(file, "utf8")));
    const verdicts = logs.map((log) => verifyOne(log, given, known));
    return verdicts.every((verdict) => verdict.ok) ? 0 : 1;
  } catch (cause) {
    return wrong(cause instanceof Error ? cause.message : String(cause));
  }
}

function verifyOne(folder: string, given: readonly Vkey[], known: readonly string[]): Verdict {
  const named = keysIn(join(folder, exportFiles.vkey));
  const names = named.map((key) => key.name);
  // Keys that were given are the only ones that count; without any, the log can only be held against itself.
  const vkeys = given.length > 0 ? given : named;
  const mine = known.filter((note) => names.length === 0 || names.includes(note.slice(0, note.indexOf("\n"))));
  const verdict = verifyLog(readExport(folder), { vkeys, known: mine });
  print(folder, verdict, given.length > 0);
  return verdict;
}

function print(folder: string, verdict: Verdict, keysGiven: boolean): void {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`log          ${verdict.origin ?? "unknown: nothing is signed"}`);
  say(`folder       ${resolve(folder)}`);
  say(`entries      ${verdict.entries}`);
  say(`first, last  ${verdict.firstAt ?? "-"}, ${verdict.lastAt ?? "-"}`);
  say(`checkpoints  ${verdict.checkpoints}, covering ${verdict.signedEntries} of ${verdict.entries} entries`);
  if (verdict.commitmentsChecked > 0) say(`personal     ${verdict.commitmentsChecked} entries held against their data`);
  if (verdict.entries > verdict.signedEntries) {
    say(`note         ${verdict.entries - verdict.signedEntries} entries are not signed: nobody vouches for them`);
  }
  if (!keysGiven) {
    say(
      "note         the key came with the export: this shows that the log agrees with itself, not whose it is (--key)",
    );
  }
  if (verdict.ok) {
    say("OK           every entry is as it was signed\n");
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

function readArgs(
  args: readonly string[],
): { folder: string; keyFiles: readonly string[]; checkpointFiles: readonly string[] } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { key: { type: "string", multiple: true }, checkpoint: { type: "string", multiple: true } },
    });
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) return undefined;
    return { folder, keyFiles: values.key ?? [], checkpointFiles: values.checkpoint ?? [] };
  } catch {
    return undefined;
  }
}

/** Throws for a file that holds no key: a verifier that silently trusts fewer keys than it was given would mislead. */
function keysIn(file: string): Vkey[] {
  const lines = readFileSync(file, "utf8").split("\n");
  const keys = lines.filter((line) => line.trim() !== "").map((line) => readVkey(line));
  const good = keys.filter((key) => key !== undefined);
  if (good.length === 0 || good.length !== keys.length) throw new Error(`${file} is no public key of an audit log`);
  return good;
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

process.exitCode = main(process.argv.slice(2));
