import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { copyRelease, type OpenedRelease } from "../update/open-release.ts";
import type { Owner, Step } from "./plan.ts";

/** What a release is copied from; tests and what a run leaves are not part of it. */
const ofRelease = [
  "edge-agent",
  "firmware-bridge",
  "dashboard",
  "models",
  "scripts",
  "config",
  "docs",
  "node_modules",
  "package.json",
  "package-lock.json",
  "README.md",
];

export interface Machine {
  /** Of the project. */
  readonly from: string;
  /** "": this machine; otherwise a folder that stands for it, where no account is made and nothing is run. */
  readonly root: string;
  readonly dryRun: boolean;
  readonly say: (line: string) => void;
  /** What was signed: that and nothing else is copied, and read again. Left out where nothing is signed: for development. */
  readonly signed?: OpenedRelease;
}

type Installed = Record<string, string>;
const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

/** In the note while an installation is under way: what it was to run at its end has not been run. */
const unfinished = "unfinished";

/**
 * Makes true what the plan says; a second time changes nothing and runs nothing. A file that somebody changed since is left, and ours put
 * beside it. Each step is noted when it is done: one that was cut off goes on, and does not take its own files for somebody else's.
 */
export function carryOut(steps: readonly Step[], machine: Machine, prefix: string): { readonly changed: number } {
  const note = join(machine.root, prefix, "installed.json");
  const installed: Installed = existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) : {};
  let changed = 0;
  for (const step of steps) {
    if (step.is === "run" && changed === 0 && installed[unfinished] === undefined) continue;
    const done = one(step, machine, installed);
    if (done === undefined) continue;
    changed += 1;
    installed[unfinished] = "yes";
    if (!machine.dryRun && existsSync(dirname(note))) keep(note, installed);
    machine.say(`${machine.dryRun ? "would " : ""}${done}`);
  }
  delete installed[unfinished];
  if (!machine.dryRun) keep(note, installed);
  return { changed };
}

/** Files of the site that were changed on this machine since they were put there: with a new list beside them nothing would start. */
export function changedByHand(steps: readonly Step[], { root }: Pick<Machine, "root">, prefix: string): string[] {
  const note = join(root, prefix, "installed.json");
  const installed: Installed = existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) : {};
  return steps.flatMap((step) => {
    if (step.is !== "file" || step.owner !== "root:quietround") return [];
    const path = join(root, step.path);
    if (!existsSync(path)) return [];
    const found = sha256(readFileSync(path));
    return found === sha256(step.text) || found === installed[step.path] ? [] : [step.path];
  });
}

function keep(note: string, installed: Installed): void {
  writeFileSync(`${note}.part`, `${JSON.stringify(installed, null, 2)}\n`, { mode: 0o644 });
  renameSync(`${note}.part`, note);
}

/** What was done, or is to be; undefined: it is so already. */
function one(step: Step, machine: Machine, installed: Installed): string | undefined {
  const { root, dryRun } = machine;
  switch (step.is) {
    case "account":
      return account(step, machine);
    case "folder": {
      const path = join(root, step.path);
      const was = existsSync(path) ? wrongRights(path, step, machine) : undefined;
      if (existsSync(path) && was === undefined) return undefined;
      if (!dryRun) {
        mkdirSync(path, { recursive: true, mode: step.mode });
        chmodSync(path, step.mode);
        own(path, step.owner, machine);
      }
      const now = `${step.mode.toString(8)}, ${step.owner}`;
      return was === undefined
        ? `make the folder ${step.path} (${now})`
        : `repair ${step.path}: it was ${was}, and is ${now}`;
    }
    case "release": {
      const path = join(root, step.path);
      if (existsSync(path)) return undefined;
      if (!dryRun) copyTo(path, machine);
      return `copy this release to ${step.path}`;
    }
    case "link": {
      const path = join(root, step.path);
      if (linkOf(path) === step.to) return undefined;
      if (!dryRun) {
        // One rename: there is no moment without it.
        rmSync(`${path}.new`, { force: true });
        symlinkSync(step.to, `${path}.new`);
        renameSync(`${path}.new`, path);
      }
      return `point ${step.path} at ${step.to}`;
    }
    case "file":
      return writeFile(step, machine, installed);
    case "data-key": {
      const path = join(root, step.path);
      if (existsSync(path)) return repaired({ ...step, mode: 0o600, owner: "root" }, machine);
      if (!dryRun)
        writeFileSync(path, `quietround-data-key-1 ${randomBytes(32).toString("base64")}\n`, {
          mode: 0o600,
          flag: "wx",
        });
      return `make the key of what is sealed, ${step.path} (600, root): keep a copy of it in a safe`;
    }
    case "run":
      if (root !== "") return undefined;
      if (!dryRun)
        execFileSync(step.command[0] ?? "", step.command.slice(1), { stdio: ["ignore", "ignore", "inherit"] });
      return `run ${step.command.join(" ")} (${step.why})`;
  }
}

function account({ name, group }: Extract<Step, { is: "account" }>, { root, dryRun }: Machine): string | undefined {
  if (root !== "") return undefined;
  if (readFileSync("/etc/passwd", "utf8").includes(`\n${name}:`)) return undefined;
  if (!dryRun)
    execFileSync("useradd", [
      "--system",
      "--user-group",
      "--no-create-home",
      "--shell",
      "/usr/sbin/nologin",
      "--groups",
      group,
      name,
    ]);
  return `make the account ${name}, without a password, in the group ${group}`;
}

function copyTo(to: string, { from, signed }: Machine): void {
  const part = `${to}.part`;
  rmSync(part, { recursive: true, force: true });
  if (signed === undefined) copyAll(from, part);
  else {
    mkdirSync(part, { recursive: true, mode: 0o755 });
    const wrong = copyRelease(from, part, signed);
    if (wrong !== undefined) {
      rmSync(part, { recursive: true, force: true });
      throw new Error(`this release is not what was signed: ${wrong}`);
    }
  }
  renameSync(part, to);
}

function copyAll(from: string, part: string): void {
  for (const name of ofRelease.filter((each) => existsSync(join(from, each))))
    cpSync(join(from, name), join(part, name), {
      recursive: true,
      filter: (path) => !/\.test\.ts$/.test(path),
      verbatimSymlinks: true,
    });
}

function writeFile(step: Extract<Step, { is: "file" }>, machine: Machine, installed: Installed): string | undefined {
  const path = join(machine.root, step.path);
  const wanted = sha256(step.text);
  const found = existsSync(path) ? sha256(readFileSync(path)) : undefined;
  if (found === wanted) return repaired(step, machine);
  const theirs = found !== undefined && installed[step.path] !== found;
  const target = theirs ? `${path}.new` : path;
  if (theirs && existsSync(target) && sha256(readFileSync(target)) === wanted) return undefined;
  if (!machine.dryRun) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(`${target}.part`, step.text, { mode: step.mode });
    chmodSync(`${target}.part`, step.mode);
    own(`${target}.part`, step.owner, machine);
    renameSync(`${target}.part`, target);
    if (!theirs) installed[step.path] = wanted;
  }
  const what = `${wanted.slice(0, 12)}, ${step.mode.toString(8)}, ${step.owner}`;
  return theirs
    ? `leave ${step.path}, which somebody changed, and put ours beside it as ${basename(step.path)}.new (${what})`
    : `write ${step.path} (${what})`;
}

interface Rights {
  readonly path: string;
  readonly mode: number;
  readonly owner: Owner;
}

/** What is there and ours gets its owner and mode again, and it is said: others could have read or changed it. */
function repaired(step: Rights, machine: Machine): string | undefined {
  const path = join(machine.root, step.path);
  const was = wrongRights(path, step, machine);
  if (was === undefined) return undefined;
  if (!machine.dryRun) {
    own(path, step.owner, machine);
    chmodSync(path, step.mode);
  }
  return `repair ${step.path}: it was ${was}, and is ${step.mode.toString(8)}, ${step.owner}`;
}

/** Mode and owner as they are, in words; undefined: they are right. */
function wrongRights(
  path: string,
  { mode, owner }: Pick<Rights, "mode" | "owner">,
  machine: Machine,
): string | undefined {
  const is = statSync(path);
  const wanted = idsOf(owner, machine);
  const wrongOwner = wanted !== undefined && (is.uid !== wanted.uid || is.gid !== wanted.gid);
  if ((is.mode & 0o777) === mode && !wrongOwner) return undefined;
  return `${(is.mode & 0o777).toString(8)}${wrongOwner ? `, of account ${is.uid} and group ${is.gid}` : ""}`;
}

function own(path: string, owner: Owner, machine: Machine): void {
  const wanted = idsOf(owner, machine);
  if (wanted !== undefined) chownSync(path, wanted.uid, wanted.gid);
}

/** As the machine's own lists have them. Undefined: a folder that stands for a machine without accounts, or this is not root. */
function idsOf(owner: Owner, { root }: Machine): { readonly uid: number; readonly gid: number } | undefined {
  const lists = ["/etc/passwd", "/etc/group"].map((name) => join(root, name));
  if (process.getuid?.() !== 0 || !lists.every((file) => existsSync(file))) return undefined;
  const [user = "root", group = user] = owner.split(":");
  const [uid, gid] = [user, group].map(
    (name, n) =>
      readFileSync(lists[n] ?? "", "utf8")
        .split("\n")
        .find((line) => line.startsWith(`${name}:`))
        ?.split(":")[2],
  );
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function linkOf(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** Takes away what `carryOut` wrote and nobody changed since. Data, configuration, keys and backups stay. */
export function takeAway(steps: readonly Step[], machine: Machine, prefix: string): void {
  const note = join(machine.root, prefix, "installed.json");
  const installed: Installed = existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) : {};
  const stays = (path: string): boolean => path.startsWith("/etc/quietround/");
  for (const step of steps) {
    if (step.is !== "file" || stays(step.path)) continue;
    const path = join(machine.root, step.path);
    if (!existsSync(path)) continue;
    if (sha256(readFileSync(path)) !== installed[step.path]) {
      machine.say(`left, because somebody changed it: ${step.path}`);
      continue;
    }
    if (!machine.dryRun) {
      unlinkSync(path);
      delete installed[step.path];
    }
    machine.say(`${machine.dryRun ? "would remove" : "removed"} ${step.path}`);
  }
  if (!machine.dryRun && existsSync(note)) writeFileSync(note, `${JSON.stringify(installed, null, 2)}\n`);
}
