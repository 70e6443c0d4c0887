import "../edge-agent/platform/node-version.ts";
import { dashboardMigrations } from "../edge-agent/records/dashboard-log.ts";
import { wardMigrations } from "../edge-agent/records/ward-schema.ts";

/* Versions of the databases that this release writes, as one line of JSON: an update asks it of a release before anything is stopped. */

process.stdout.write(
  `${JSON.stringify({ "ward.sqlite": wardMigrations.length, "dashboard.sqlite": dashboardMigrations.length })}\n`,
);
