import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import { installPlan, usualPlaces } from "../scripts/install/plan.ts";
import { templatesIn } from "../scripts/install/templates.ts";
import { carryThrough } from "../scripts/update/carry-through.ts";
import { placeIn } from "../scripts/update/place.ts";
import { schemasOf } from "../scripts/update/self-check.ts";
import { servicesBy } from "../scripts/update/services.ts";

/* The part of an update that changes files, killed where it is told to: update-cut-child.ts ROOT SYSTEMCTL RELEASE WORDS [newer] */

const [root = "", systemctl = "", release = "", words = "", schema = ""] = process.argv.slice(2);
const cut = (said: string): void => {
  process.stdout.write(`${said}\n`);
  if (said.includes(words)) process.kill(process.pid, "SIGKILL");
};
const place = placeIn(root, usualPlaces, servicesBy(systemctl), cut);
const beside = join(release, "site");
const siteFiles = new Map(readdirSync(beside).map((name) => [name, readFileSync(join(beside, name), "utf8")] as const));
const site = SiteConfig.parse(JSON.parse(siteFiles.get("site.json") ?? ""));
const plan = installPlan({
  ...{ kind: "station", places: usualPlaces, release: 2, site, siteFiles },
  templates: templatesIn(join(release, "config")),
});
const prepared = { from: 1, to: 2, backup: "", plan, schemas: schemasOf(place.data), migrates: schema === "newer" };
await carryThrough(place, prepared, { readyMs: 0, steadyMs: 0 }, (stage) => cut(`stage ${stage}`));
