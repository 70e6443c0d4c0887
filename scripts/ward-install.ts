import "../edge-agent/platform/node-version.ts";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseSiteConfig } from "../edge-agent/platform/read-config.ts";
import { carryOut, changedByHand, takeAway } from "./install/carry-out.ts";
import { installPlan, installProblems, type Kind, kinds, unitsOf, usualPlaces, type Wanted } from "./install/plan.ts";
import { portProblems } from "./install/ports.ts";
import { templatesIn } from "./install/templates.ts";
import { readArguments } from "./read-arguments.ts";
import { root } from "./release/lock.ts";
import { journalName } from "./update/journal.ts";
import { openRelease } from "./update/open-release.ts";

const usage = `npm run ward:install -- --kind station|unit --config site.json [--dry-run]

Makes this machine (Debian 12, Raspberry Pi OS 12; systemd) the station of a ward, or one of its bedroom units: an account without rights, folders,
this release in a folder of its own, hardened services, names of sensors, how long logs are kept. Says each thing that it does; a second
time it changes nothing. A file that somebody changed is left, and ours put beside it.

--dry-run   only says what it would do
--root DIR  a folder that stands for the machine: files only, for looking at it
--remove    takes the services away; data, configuration, keys and backups stay
--release N the number of the release's folder; left out: the one that is signed, else 1
`;
const options = readArguments(usage, {
  kind: { type: "string" },
  config: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  root: { type: "string", default: "" },
  remove: { type: "boolean", default: false },
  release: { type: "string" },
});

function fail(words: string): never {
  process.stderr.write(`${words}\n\n${usage}`);
  process.exit(2);
}

const kind = kinds.find((one) => one === options.kind) ?? fail("--kind is station or unit");
if (options.config === undefined || !existsSync(options.config)) fail("--config names no file");
const parsed = parseSiteConfig(readFileSync(options.config, "utf8"));
if (!parsed.ok) fail(`${options.config} cannot be used:\n${parsed.errors.map((line) => `  ${line}`).join("\n")}`);
if (!existsSync(join(root, "dashboard/web/built/quietround.css")))
  fail("the pages are not built yet: npm run build:web");
if (options.root === "" && !options["dry-run"] && process.getuid?.() !== 0)
  fail("only root may do this: sudo, or --dry-run to look at it");

const folder = dirname(resolve(options.config));
const siteFiles = new Map(
  ["assessment.json", "packages.list", "release.list", "release.note", "release.vkey"]
    .filter((name) => existsSync(join(folder, name)))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const),
).set("site.json", readFileSync(options.config, "utf8"));
const wanted: Wanted = {
  kind: kind satisfies Kind,
  places: usualPlaces,
  release: releaseNumber(),
  site: parsed.site,
  siteFiles,
  templates: templatesIn(join(root, "config")),
};
const problems = installProblems(wanted);
const vkeyLine = siteFiles.get("release.vkey");
const mustBeSigned = kind === "station" && !parsed.site.demonstration && !parsed.site.development;
const opened = mustBeSigned && vkeyLine !== undefined ? openRelease(root, folder, vkeyLine) : undefined;
if (opened?.ok === false) problems.push(`this release is not what was signed for this site: ${opened.words}`);
// Of a folder that stands for a machine the ports are nobody's.
if (options.root === "" && kind === "station" && !options.remove)
  problems.push(...(await portProblems(parsed.site, usualPlaces.prefix)));
if (existsSync(join(options.root, usualPlaces.prefix, journalName)))
  problems.push("an update was cut off here: npm run ward:update -- --recover");
if (problems.length > 0 && !options.remove) {
  process.stderr.write(`NOT INSTALLED:\n${problems.map((line) => `  ${line}\n`).join("")}`);
  process.exit(1);
}
const machine = {
  from: root,
  root: options.root === "" ? "" : resolve(options.root),
  dryRun: options["dry-run"],
  say: (line: string) => void process.stdout.write(`${line}\n`),
  ...(opened?.ok === true ? { signed: opened } : {}),
};
// What is put in is for the ward's account to read, whatever root's own mask is.
process.umask(0o022);
const plan = installPlan(wanted);
if (options.remove) {
  if (machine.root === "" && !machine.dryRun) {
    for (const unit of ["quietround.target", ...Object.values(unitsOf).flat()])
      if (existsSync(`/etc/systemd/system/${unit}`))
        execFileSync("systemctl", ["disable", "--now", unit], { stdio: "ignore" });
  }
  takeAway(plan, machine, wanted.places.prefix);
  const { config, data, backup, prefix } = wanted.places;
  process.stdout.write(`these stay: ${data}, ${config}, ${backup}, ${prefix}\n`);
} else {
  const byHand = changedByHand(plan, machine, wanted.places.prefix);
  if (byHand.length > 0) {
    const words = `NOT INSTALLED: changed here since it was put there: ${byHand.join(", ")}.\nTake the change into the file that you sign, or move this one away; then again.\n`;
    process.stderr.write(words);
    process.exit(1);
  }
  const { changed } = carryOut(plan, machine, wanted.places.prefix);
  process.stdout.write(
    changed === 0 ? "everything is so already\n" : `${changed} things ${machine.dryRun ? "to do" : "done"}\n`,
  );
}

function releaseNumber(): number {
  const signed = siteFiles.get("release.note")?.split("\n")[1];
  const number = Number(options.release ?? signed ?? 1);
  return Number.isSafeInteger(number) && number > 0 ? number : fail("--release wants a number above 0");
}
