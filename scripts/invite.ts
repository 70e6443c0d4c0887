import "../edge-agent/platform/node-version.ts";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { StaffRole } from "../edge-agent/contract/words.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { readSiteConfig } from "../edge-agent/platform/read-config.ts";
import { AskError, openAgentDesk } from "./ask-agent.ts";
import { code } from "./demonstration.ts";
import { readArguments } from "./read-arguments.ts";
import { clockTime, pageAddress } from "./welcome.ts";

/* `npm run invite -- --data DIR --name "Sam Reed" --role nurse`: a one-time sign-in at the ward that runs over this data folder. */

const usage = `usage: npm run invite -- --data DIR --name "Sam Reed" --role ${StaffRole.options.join("|")}\n`;

function refuse(words: string): never {
  process.stderr.write(`${words}\n${usage}`);
  process.exit(2);
}

const {
  data,
  name,
  role: roleName,
} = readArguments(usage, { data: { type: "string" }, name: { type: "string" }, role: { type: "string" } });
if (data === undefined || name === undefined || roleName === undefined) refuse("--data, --name and --role are needed");
const role = StaffRole.safeParse(roleName);
if (!role.success) refuse(`--role ${roleName}: not a role`);
const dataDir = resolve(process.env.INIT_CWD ?? process.cwd(), data);
const configPath = join(dataDir, "site.json");
if (!existsSync(configPath)) refuse(`${dataDir}: no ward was started over this folder`);
const { site } = readSiteConfig(configPath);
const desk = openAgentDesk(
  site,
  dataDir,
  newLog("invite", () => {}),
);
try {
  const invitation = code(await desk.ask({ do: "invite-staff", name, role: role.data }));
  process.stdout.write(
    `${name} (${role.data}) signs in once, before ${clockTime(invitation.expiresAt)}:\n\n  ${pageAddress(site, `/sign-in?code=${encodeURIComponent(invitation.code)}`)}\n\n` +
      `or with the code ${invitation.code} at ${pageAddress(site, "/sign-in")}\n`,
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
