import "../edge-agent/platform/node-version.ts";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { lockData } from "./data-lock.ts";
import { usualPlaces } from "./install/plan.ts";
import { readArguments } from "./read-arguments.ts";
import type { Updated } from "./update/carry-through.ts";
import { readJournal } from "./update/journal.ts";
import { placeIn } from "./update/place.ts";
import { recover } from "./update/recover.ts";
import { runUpdate } from "./update/run.ts";
import { servicesBy } from "./update/services.ts";

const usage = `npm run ward:update -- --release FOLDER|FILE.tar.gz [--config FILE] [--dry-run] [--wait-s 60]
npm run ward:update -- --recover

Puts a newer release in the place of the one that runs on this station. It is checked with the key that this site trusts, and started once
over a copy of the records, before anything is touched; then a backup is taken, the ward is stopped for some seconds, and the new release
is watched: service, agent, every room that was monitored, pages, audit log. What is not well is rolled back by itself.

--config     the signed site.json, with release.list, release.note and packages.list beside it; left out: site/ of the release
--dry-run    only says what it would do
--wait-s N   for how long it must stay well (60)
--ready-s N  how long it may take to become well (120)
--one-way    take a release that changes the schema of the records. The release of before cannot read them then
--recover    go on with an update that was cut off: finish it, or undo it
--at-start   with --recover: before the ward is started (quietround-recover.service)
--root DIR   a folder that stands for the machine
--service-manager FILE  what understands start, stop, show and daemon-reload (systemctl)

Ends with 0: kept, or nothing to do; 1: refused, nothing was changed; 3: rolled back; 4: a person must do something.
`;
const options = readArguments(usage, {
  release: { type: "string" },
  config: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  "wait-s": { type: "string", default: "60" },
  "ready-s": { type: "string", default: "120" },
  "one-way": { type: "boolean", default: false },
  recover: { type: "boolean", default: false },
  "at-start": { type: "boolean", default: false },
  root: { type: "string", default: "" },
  "service-manager": { type: "string", default: "systemctl" },
});

function fail(words: string): never {
  process.stderr.write(`${words}\n\n${usage}`);
  process.exit(2);
}
function seconds(name: "wait-s" | "ready-s"): number {
  const value = Number(options[name]);
  return Number.isFinite(value) && value >= 0 && value <= 86_400
    ? value * 1_000
    : fail(`--${name} is a number of seconds`);
}

const exitCodes = {
  kept: 0,
  "nothing-to-do": 0,
  would: 0,
  refused: 1,
  "rolled-back": 3,
  stuck: 4,
} as const satisfies Record<Updated["is"], number>;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const root = options.root === "" ? "" : resolve(options.root);
const place = placeIn(root, usualPlaces, servicesBy(options["service-manager"]), say);
const patience = { steadyMs: seconds("wait-s"), readyMs: seconds("ready-s") };
if (!existsSync(place.prefix)) fail(`nothing is installed in ${place.prefix}: npm run ward:install`);
if (root === "" && !options["dry-run"] && process.getuid?.() !== 0)
  fail("only root may do this: sudo, or --dry-run to look at it");
// The key of what is sealed is the service's credential; here root reads it where it lies.
if (existsSync(join(place.config, "data-key"))) process.env.CREDENTIALS_DIRECTORY = place.config;
// What is put in is for the ward's account to read, whatever root's own mask is.
process.umask(0o022);
// A terminal that is closed does not end it half way.
process.on("SIGHUP", () => {});
// Looking touches nothing, not even a lock.
const lock = options["dry-run"] ? undefined : lockData(place.prefix);
if (lock?.is === "taken") {
  say(`an update is under way (process ${lock.pid})`);
  process.exit(options.recover ? 0 : 1);
}
process.on("exit", () => lock?.release());

const done = options.recover ? await recover(place, options["at-start"], patience) : await update();
if ("words" in done && done.is === "stuck") process.stderr.write(`${done.words}\n`);
process.exit(exitCodes[done.is]);

async function update(): Promise<Updated> {
  if (options.release === undefined || !existsSync(options.release)) fail("--release names no folder and no file");
  if (readJournal(place.prefix).is !== "none") {
    const words = "an update was cut off here: npm run ward:update -- --recover";
    say(words);
    return { is: "refused", words };
  }
  return runUpdate(place, {
    release: resolve(options.release),
    beside: options.config === undefined ? undefined : join(resolve(options.config), ".."),
    dryRun: options["dry-run"],
    oneWay: options["one-way"],
    patience,
  });
}
