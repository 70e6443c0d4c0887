import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { carryOut } from "../install/carry-out.ts";
import { recoverLink, type Step } from "../install/plan.ts";
import { type Journal, type Saved, savedFolder, syncFolder, writeWhole } from "./journal.ts";
import type { UpdatePlace } from "./place.ts";

/* The files of the machine that an update changes: what was there is put aside, and can be put back. */

/** Of an installation, what an update does: nothing is enabled or started by it. */
const ofUpdate = (step: Step, { inRoot }: UpdatePlace): boolean =>
  step.is !== "release" &&
  step.is !== "data-key" &&
  !(step.is === "run" && step.command.includes("enable")) &&
  // Points at the release of before until the new one was found well.
  !(step.is === "link" && step.path === recoverLink(inRoot.prefix));

const noteOf = (place: UpdatePlace): string => join(place.prefix, "installed.json");

/** Puts copies of everything that the plan may change into one folder. Nothing else is touched. */
export function putAside(plan: readonly Step[], place: UpdatePlace): Saved[] {
  const folder = join(place.prefix, savedFolder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  const files = plan.flatMap((step) => (step.is === "file" ? [join(place.root, step.path)] : []));
  const paths = [...files, ...files.map((path) => `${path}.new`), noteOf(place)];
  const saved = paths.map((path, n): Saved => {
    const is = lstatSync(path, { throwIfNoEntry: false });
    if (is === undefined) return { path, copy: null, mode: 0, uid: 0, gid: 0 };
    copyFileSync(path, join(folder, String(n)));
    return { path, copy: String(n), mode: is.mode & 0o777, uid: is.uid, gid: is.gid };
  });
  syncFolder(folder);
  return saved;
}

/** The files of the new release, and at last `current`. */
export function putIn(plan: readonly Step[], place: UpdatePlace): void {
  const machine = { from: "", root: place.root, dryRun: false, say: place.say };
  carryOut(
    plan.filter((step) => ofUpdate(step, place)),
    machine,
    place.inRoot.prefix,
  );
}

/** Everything as it was put aside; done twice it is the same. */
export function putBackFiles({ saved, from, acceptedBefore }: Journal, place: UpdatePlace): void {
  const folder = join(place.prefix, savedFolder);
  for (const { path, copy, mode, uid, gid } of saved) {
    if (copy === null) {
      rmSync(path, { force: true });
      continue;
    }
    const kept = join(folder, copy);
    if (existsSync(path) && readFileSync(path).equals(readFileSync(kept))) continue;
    writeWhole(path, readFileSync(kept), mode);
    chmodSync(path, mode);
    if (process.getuid?.() === 0) chownSync(path, uid, gid);
  }
  point(join(place.prefix, "current"), `releases/${from}`);
  const accepted = join(place.data, "release.accepted");
  if (acceptedBefore === null) rmSync(accepted, { force: true });
  else if (!existsSync(accepted) || readFileSync(accepted, "utf8") !== acceptedBefore) {
    const owner = statSync(place.data);
    writeWhole(accepted, acceptedBefore, 0o600);
    if (process.getuid?.() === 0) chownSync(accepted, owner.uid, owner.gid);
  }
}

/** One rename: there is no moment without it. */
export function point(path: string, to: string): void {
  if (linkOf(path) === to) return;
  rmSync(`${path}.new`, { force: true });
  symlinkSync(to, `${path}.new`);
  renameSync(`${path}.new`, path);
  syncFolder(dirname(path));
}

/** Undefined: there is none, or it is no link. */
export function linkOf(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
}
