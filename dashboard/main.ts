import "../edge-agent/platform/node-version.ts";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { vkeyOf } from "../edge-agent/audit/note.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import { brokerLogin } from "../edge-agent/platform/broker-login.ts";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { connectBroker } from "../edge-agent/platform/connect.ts";
import { readDashboardKey } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { keepMemoryOffDisk } from "../edge-agent/platform/memory-on-disk.ts";
import { newMetrics, openMetricsDoor } from "../edge-agent/platform/metrics-door.ts";
import { endWithParent } from "../edge-agent/platform/parent.ts";
import { readSiteConfig } from "../edge-agent/platform/read-config.ts";
import { stopOnSignals } from "../edge-agent/platform/stop.ts";
import { type DashboardLog, openDashboardLog } from "../edge-agent/records/dashboard-log.ts";
import { logOptions } from "../edge-agent/records/open-ward.ts";
import { hopelessCodes, StoreError } from "../edge-agent/records/store-error.ts";
import { buildApp } from "./server/build-app.ts";
import { CertificateError, followCertificate, readCertificate } from "./server/certificate.ts";
import { LogWatch } from "./server/log-watch.ts";
import { OidcKeyError, readClientAuth } from "./server/oidc/client-auth.ts";
import { measureRequests } from "./server/request-metrics.ts";
import { LanguageError, languagesForSite, readLanguages } from "./server/spoken-languages.ts";
import { WardReports } from "./server/ward-reports.ts";

/*
 * Composition root of the dashboard: nurse station and bedside screens over HTTP and WebSocket. Knows the agent only through
 * the control broker, and writes nothing but its own log of who opened what.
 */

const { values: options } = parseArgs({ options: { config: { type: "string" }, data: { type: "string" } } });
if (options.config === undefined || options.data === undefined) {
  process.stderr.write("usage: dashboard/main.ts --config FILE --data DIR\n");
  process.exit(2);
}
const { config, data } = options;
const log = keepMemoryOffDisk(newLog("dashboard"));
const { site, sha256: cfgSha256 } = readSiteConfig(config);
const { signal, stop } = stopOnSignals();
endWithParent(() => stop("the supervisor is gone"));

const builtDir = fileURLToPath(new URL("web/built", import.meta.url));
if (!existsSync(join(builtDir, "quietround.css"))) {
  process.stderr.write("The pages are not built yet. Run: npm run build:web\n");
  process.exit(2);
}

const languages = siteLanguages();
const checkpointEveryMs = 1_000;
const system: Actor = { kind: "system", part: "dashboard" };
const stamp = () => ({ utcMs: systemClock.utcMs(), monoNs: systemClock.monoNs() });
const key = readDashboardKey(data);
const readingsFile = join(data, "dashboard.sqlite");
const ownLog = logOptions(readingsFile, "dashboard", {
  domain: site.auditDomain,
  key,
  boot: randomUUID(),
  cfgSha256,
  modelSha256: null,
  stamp: stamp(),
});
const readings = openReadings();
const signer = { vkey: vkeyOf(ownLog.origin, key.publicKey), sign: ownLog.sign };
const assessmentFile = site.assessmentVersion === null ? null : join(dirname(config), "assessment.json");
readings.append(
  { action: "process.start", actor: system, outcome: 0, detail: { node: process.version }, phi: null },
  stamp(),
);

const link = connectBroker({ ...brokerLogin(site.brokers, site.brokers.controlPort, data, "dashboard"), log });
const reports = new WardReports({ wardFile: join(data, "ward.sqlite"), dashboardFile: readingsFile }, log);
const { witnessPolicyFile, witnessEverySec } = site.audit;
const watch = new LogWatch(
  {
    dataDir: data,
    witnessName: `${site.auditDomain}/station-witness`,
    policyFile: witnessPolicyFile === null ? null : resolve(data, witnessPolicyFile),
    everySec: witnessEverySec,
  },
  (intent) => readings.append(intent, stamp()),
  log,
);
const now = () => systemClock.monoMs();
const certificate = siteCertificate();
const oidcAuth = await clientAuth();
const app = await buildApp({
  ...(oidcAuth === null ? {} : { oidcAuth }),
  ...(certificate === null ? {} : { tls: certificate }),
  site,
  link,
  readings,
  reports,
  stamp,
  now,
  builtDir,
  log,
  languages,
  signer,
  assessmentFile,
});

const metrics = newMetrics();
measureRequests(app, metrics);
const closeMetrics = await openMetricsDoor(metrics, site.metrics.dashboardPort, log);

watch.start();
const endCertificate =
  certificate === null
    ? undefined
    : followCertificate(
        app.server as unknown as Server,
        certificate,
        () => readCertificate(tlsOfSite(), dirname(config)),
        log,
      );
const checkpointing = setInterval(() => {
  try {
    readings.checkpointIfDirty();
  } catch (cause) {
    log.error({ cause: String(cause) }, "no checkpoint could be written");
  }
}, checkpointEveryMs);

let stopping = false;
async function end(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  clearInterval(checkpointing);
  endCertificate?.();
  await app.close();
  await Promise.all([link.stop(), reports.stop(), watch.stop(), closeMetrics()]);
  readings.close();
  process.exit(code);
}
signal.addEventListener("abort", () => {
  log.info({ why: String(signal.reason) }, "dashboard stopping");
  void end(0);
});

const { host, port } = site.dashboard;
try {
  await app.listen({ host, port });
  // With port 0 the system chose one.
  const { port: listeningPort } = app.server.address() as AddressInfo;
  const url = `${certificate === null ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${listeningPort}`;
  log.info({ url, host, port: listeningPort }, "dashboard listening");
} catch (cause) {
  const inUse = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
  process.stderr.write(
    inUse
      ? `Port ${port} for the pages is in use. End the program that has it, or change dashboard.port in ${config}.\n`
      : `The pages cannot listen at ${host}:${port} (dashboard in ${config}): ${String(cause)}\n`,
  );
  await end(2);
}

function tlsOfSite() {
  if (site.dashboard.tls === null) throw new CertificateError("dashboard.tls is not set");
  return site.dashboard.tls;
}

function siteCertificate() {
  if (site.dashboard.tls === null) return null;
  try {
    return readCertificate(site.dashboard.tls, dirname(config));
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    process.exit(2);
  }
}

async function clientAuth() {
  if (site.dashboard.oidc === null) return null;
  try {
    return await readClientAuth(site.dashboard.oidc, dirname(config));
  } catch (cause) {
    if (!(cause instanceof OidcKeyError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    process.exit(2);
  }
}

function openReadings(): DashboardLog {
  try {
    return openDashboardLog(readingsFile, ownLog);
  } catch (cause) {
    if (!(cause instanceof StoreError) || !hopelessCodes.includes(cause.code)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    process.exit(2);
  }
}

function siteLanguages() {
  try {
    return languagesForSite(readLanguages(), site);
  } catch (cause) {
    if (!(cause instanceof LanguageError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    process.exit(2);
  }
}
