import "../edge-agent/platform/node-version.ts";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Ask } from "../edge-agent/contract/asks.ts";
import { Badge } from "../edge-agent/contract/staff.ts";
import { StaffRole } from "../edge-agent/contract/words.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { readSiteConfig } from "../edge-agent/platform/read-config.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { readStaff } from "../edge-agent/records/staff-reading.ts";
import { AskError, openAgentDesk } from "./ask-agent.ts";
import { code } from "./demonstration.ts";
import { readArguments } from "./read-arguments.ts";
import { clockTime, pageAddress } from "./welcome.ts";

/*
 * Lets somebody sign in to the ward that runs over a data folder: in a demonstration with a code alone, elsewhere with an account.
 * `--renew`: a new code for somebody who forgot, also where nobody else could give one.
 */

const usage = [
  `usage: npm run invite -- --data DIR --name "Sam Reed" --role ${StaffRole.options.join("|")} [--badge RN-104]`,
  "       npm run invite -- --data DIR --renew --badge RN-104\n",
].join("\n");

function refuse(words: string): never {
  process.stderr.write(`${words}\n${usage}`);
  process.exit(2);
}

const given = readArguments(usage, {
  data: { type: "string" },
  name: { type: "string" },
  role: { type: "string" },
  badge: { type: "string" },
  renew: { type: "boolean" },
});
if (given.data === undefined) refuse("--data is needed");
const dataDir = resolve(process.env.INIT_CWD ?? process.cwd(), given.data);
const asked = given.renew === true ? renewal : invitation;
const configPath = join(dataDir, "site.json");
const { ask, words, page } = asked();
const { site } = readSiteConfig(configPath);
if (!site.demonstration && ask.do === "invite-staff") refuse("Here staff have accounts: --badge is needed");
const desk = openAgentDesk(
  site,
  dataDir,
  newLog("invite", () => {}),
);
try {
  const got = code(await desk.ask(ask));
  process.stdout.write(
    `${words}, before ${clockTime(got.expiresAt)}:\n\n  ${pageAddress(site, `${page}?code=${encodeURIComponent(got.code)}`)}\n\n` +
      `or with the code ${got.code} at ${pageAddress(site, page)}\n`,
  );
} catch (error) {
  if (!(error instanceof AskError)) throw error;
  process.stderr.write(
    error.code === "no-answer" ? `${error.message}: is the ward over ${dataDir} running?\n` : `${error.message}\n`,
  );
  process.exitCode = 1;
} finally {
  await desk.close();
}

interface Invitation {
  readonly ask: Ask["ask"];
  readonly words: string;
  readonly page: string;
}

function invitation(): Invitation {
  const { name } = given;
  if (name === undefined || given.role === undefined) refuse("--data, --name and --role are needed");
  const role = StaffRole.safeParse(given.role);
  if (!role.success) refuse(`--role ${given.role}: not a role`);
  needsWard();
  const who = `${name} (${role.data})`;
  if (given.badge === undefined) {
    return { ask: { do: "invite-staff", name, role: role.data }, words: `${who} signs in once`, page: "/sign-in" };
  }
  const account = { name, role: role.data, badge: badgeIn(given.badge), agency: false, untilUtcMs: null };
  return { ask: { do: "add-staff", ...account }, words: `${who} starts the account`, page: "/start-account" };
}

function renewal(): Invitation {
  if (given.badge === undefined) refuse("--badge is needed");
  const badge = badgeIn(given.badge);
  needsWard();
  const db = openForReading(join(dataDir, "ward.sqlite"));
  const found = readStaff(db, Date.now()).find((one) => one.badge === badge && one.endedAtUtcMs === null);
  db.close();
  if (found === undefined) refuse(`--badge ${badge}: nobody has this badge number`);
  return {
    ask: { do: "renew-staff", staff: found.id },
    words: `${found.name} chooses a new password and PIN; the old ones are void`,
    page: "/start-account",
  };
}

function badgeIn(typed: string): string {
  const badge = Badge.safeParse(typed);
  return badge.success ? badge.data : refuse(`--badge ${typed}: 3 to 16 letters, digits or hyphens`);
}

function needsWard(): void {
  if (!existsSync(configPath)) refuse(`${dataDir}: no ward was started over this folder`);
}
