import { execFileSync } from "node:child_process";
import { randomBytes, X509Certificate } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { isIP } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { originAt } from "../../edge-agent/audit/origin.ts";
import {
  bridgesAcl,
  type MosquittoFiles,
  sensorsAcl,
  sensorsConf,
  wardConf,
} from "../../edge-agent/broker/mosquitto-conf.ts";
import { brokerAdmin } from "../../edge-agent/contract/brokers-config.ts";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { ensureKeys } from "../../edge-agent/platform/keys.ts";
import { crlPath, readRevoked, revokedPath, tlsFolder } from "../../edge-agent/platform/tls-files.ts";
import { issue } from "./authority.ts";
import { mosquittoService, serviceName } from "./mosquitto-service.ts";

/*
 * DIR/authority  the ward's authority          DIR/units/NAME    the data folder of a unit on a machine of its own
 * DIR/station    the station's data folder     DIR/sensors/NAME  what a sensor that speaks MQTT needs
 */

export interface WardFolder {
  readonly authority: string;
  readonly station: string;
  readonly unit: (name: string) => string;
  readonly sensor: (name: string) => string;
}

export const wardFolder = (dir: string): WardFolder => ({
  authority: join(dir, "authority"),
  station: join(dir, "station"),
  unit: (name) => join(dir, "units", name),
  sensor: (name) => join(dir, "sensors", name),
});

export const stationClients: readonly string[] = ["agent", "dashboard", "admin", brokerAdmin];
export const mosquittoFolder = (station: string): string => join(station, "mosquitto");
const thisMachine: readonly string[] = ["localhost", "127.0.0.1", "::1"];

/** The station's certificates, accounts and mosquittos. @param hosts names and addresses where units find it */
export function provisionStation(
  ward: WardFolder,
  site: SiteConfig,
  hosts: readonly string[],
  sensors: SensorPorts,
): void {
  const tls = tlsFolder(ward.station);
  trustAuthority(ward.authority, ward.station);
  const devices = [...new Set(site.beds.map(({ device }) => device))];
  ensureKeys(ward.station, [...stationClients, ...devices], {
    station: originAt(site.auditDomain, "station", Date.now()),
    dashboard: originAt(site.auditDomain, "dashboard", Date.now()),
  });
  for (const name of stationClients) {
    issue(ward.authority, tls, { name, use: "client" });
    markRevoked(ward.station, name, "valid");
  }
  issue(ward.authority, tls, { name: "broker", use: "broker", hosts: [...new Set([...hosts, ...thisMachine])] });
  writeMosquitto(ward.station, site, sensors);
}

export interface SensorPorts {
  readonly tls: number;
  readonly bridge: number;
}

/** The plugin lies in a folder named for the machine's kind. */
export function dynamicSecurity(): string | undefined {
  const name = "mosquitto_dynamic_security.so";
  const folders = existsSync("/usr/lib") ? readdirSync("/usr/lib") : [];
  return folders.map((folder) => join("/usr/lib", folder, name)).find((path) => existsSync(path));
}

function writeMosquitto(station: string, site: SiteConfig, sensors: SensorPorts): void {
  const plugin = dynamicSecurity();
  if (site.brokers.kind !== "mosquitto" || plugin === undefined) return;
  const folder = mosquittoFolder(station);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files: MosquittoFiles = { folder, tls: tlsFolder(station), plugin, user: userInfo().username };
  // Where nobody comes from elsewhere, nobody can.
  const bind = site.brokers.remoteUnits.length === 0 ? "127.0.0.1" : null;
  for (const name of ["frames", "control"] as const) {
    writeFileSync(join(folder, `${name}.conf`), wardConf(name, { port: site.brokers[`${name}Port`], bind }, files));
    const rights = join(folder, `${name}.json`);
    if (existsSync(rights)) continue;
    // Nobody ever uses this password: the admin, too, is who its certificate says.
    const password = randomBytes(24).toString("base64url");
    execFileSync("mosquitto_ctrl", ["dynsec", "init", rights, brokerAdmin, password], { stdio: "ignore" });
  }
  writeFileSync(join(folder, "sensors.conf"), sensorsConf(sensors.tls, sensors.bridge, files));
  writeFileSync(join(folder, serviceName), mosquittoService(files));
  writeFileSync(join(folder, "sensors.acl"), sensorsAcl, { mode: 0o600 });
  writeFileSync(join(folder, "bridges.acl"), bridgesAcl, { mode: 0o600 });
}

/** Whom a process with this data folder believes. */
function trustAuthority(authority: string, dataDir: string): void {
  const tls = tlsFolder(dataDir);
  mkdirSync(tls, { recursive: true, mode: 0o700 });
  copyFileSync(join(authority, "ca.pem"), join(tls, "ca.pem"));
  publishList(authority, dataDir);
}

export function publishList(authority: string, dataDir: string): void {
  const path = crlPath(dataDir);
  copyFileSync(join(authority, "crl.pem"), `${path}.new`);
  renameSync(`${path}.new`, path);
}

/** A name that is not on the list any more has a new certificate, and its account again. */
export function markRevoked(station: string, name: string, is: "revoked" | "valid"): void {
  const names = new Set(readRevoked(station));
  if (is === "revoked") names.add(name);
  else if (!names.delete(name)) return;
  const path = revokedPath(station);
  writeFileSync(`${path}.new`, [...names].map((one) => `${one}\n`).join(""), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** What its certificate knows it by, the first that was given first; nothing where it has none. */
export function stationHosts(station: string): readonly string[] {
  const path = join(tlsFolder(station), "broker.pem");
  if (!existsSync(path)) return [];
  const { subjectAltName = "" } = new X509Certificate(readFileSync(path));
  return [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,]+)/g)].map(([, host]) => host ?? "");
}

/** @returns what the broker's certificate does not say of this name; undefined: the station is known by it */
export function notTheStation(station: string, host: string): string | undefined {
  const path = join(tlsFolder(station), "broker.pem");
  const certificate = new X509Certificate(readFileSync(path));
  const known = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  return known === undefined ? `the broker's certificate knows ${certificate.subjectAltName}, not ${host}` : undefined;
}

/** A unit whose bridge runs beside the station: its certificate goes where the bridge looks. */
export function provisionLocalUnit(ward: WardFolder, name: string): void {
  issue(ward.authority, tlsFolder(ward.station), { name, use: "client" });
  markRevoked(ward.station, name, "valid");
}

/** A unit on a machine of its own: its data folder, with a configuration that names this unit's beds only. @param written the site's file */
export function provisionRemoteUnit(
  ward: WardFolder,
  site: SiteConfig,
  written: string,
  name: string,
  host: string,
): void {
  const folder = ward.unit(name);
  trustAuthority(ward.authority, folder);
  issue(ward.authority, tlsFolder(folder), { name, use: "client" });
  mkdirSync(join(folder, "keys", "credentials"), { recursive: true, mode: 0o700 });
  copyFileSync(join(ward.station, "keys", "credentials", name), join(folder, "keys", "credentials", name));
  copyFileSync(join(ward.station, "keys", "station.vkey"), join(folder, "keys", "station.vkey"));
  const whole = JSON.parse(written) as SiteConfig;
  const own = {
    ...whole,
    beds: whole.beds.filter(({ device }) => device === name),
    brokers: { ...site.brokers, host, remoteUnits: [name] },
  };
  writeFileSync(join(folder, "site.json"), `${JSON.stringify(own, undefined, 2)}\n`, { mode: 0o600 });
  markRevoked(ward.station, name, "valid");
}

/** A sensor with a client of its own: only the broker of sensors knows it. */
export function provisionSensor(ward: WardFolder, name: string): void {
  const folder = ward.sensor(name);
  issue(ward.authority, folder, { name, use: "sensor" });
  copyFileSync(join(ward.authority, "ca.pem"), join(folder, "ca.pem"));
}

/** What is left on this machine of a unit or a sensor that is no more. */
export function removeKeys(ward: WardFolder, name: string): void {
  for (const folder of [tlsFolder(ward.station), tlsFolder(ward.unit(name)), ward.sensor(name)]) {
    for (const file of [`${name}.key.pem`, `${name}.pem`]) rmSync(join(folder, file), { force: true });
  }
}
