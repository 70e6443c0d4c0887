import "../../edge-agent/platform/node-version.ts";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reservedDeviceNames, type SiteConfig } from "../../edge-agent/contract/config.ts";
import { Segment } from "../../edge-agent/contract/ids.ts";
import { readSiteConfig } from "../../edge-agent/platform/read-config.ts";
import { tlsFolder } from "../../edge-agent/platform/tls-files.ts";
import { hasAuthority, listIssued, makeAuthority, revoke } from "./authority.ts";
import { serviceName } from "./mosquitto-service.ts";
import { OpensslError } from "./openssl.ts";
import { reloadBrokers } from "./reload-brokers.ts";
import {
  dynamicSecurity,
  markRevoked,
  mosquittoFolder,
  notTheStation,
  provisionLocalUnit,
  provisionRemoteUnit,
  provisionSensor,
  provisionStation,
  publishList,
  removeKeys,
  stationHosts,
  wardFolder,
} from "./ward-folder.ts";

const usage = `npm run ward:provision -- COMMAND [--dir FOLDER]

  init                       the ward's own authority (P-256), in FOLDER/authority
  station [--host NAME ...]  certificates of the brokers and of the station's processes, accounts, mosquitto's configuration, in
                             FOLDER/station, the data folder to start the ward with; NAME: a name or address where units find it
  unit NAME [--host NAME]    a bedroom unit's certificate; where it is a machine of its own (brokers.remoteUnits), its whole data
                             folder, in FOLDER/units/NAME
  sensor NAME                a certificate for a sensor that speaks MQTT by itself, in FOLDER/sensors/NAME
  list                       what was issued and when it ends
  revoke NAME                nothing believes this name's certificates any more, and its connections end

  --dir FOLDER    where all of it lies (ward-keys, below where you are)
  --station FOLDER  the station's data folder, where the ward runs already, in place of FOLDER/station
  --config FILE   the ward (config/demonstration.json of the project)
  --renew         a new certificate in place of one that still counts; without, nothing is replaced
  --sensors-port N, --bridge-port N   of the broker for sensors: with TLS (8883), and on loopback for the bridges (1883)
`;

// Whatever is made here is its owner's alone.
process.umask(0o077);
const from = process.env.INIT_CWD ?? process.cwd();
const { values, positionals } = parse();
const [command, ...names] = values.help ? [] : positionals;
const folders = wardFolder(resolve(from, values.dir));
const ward = values.station === undefined ? folders : { ...folders, station: resolve(from, values.station) };
const configFile =
  values.config === undefined
    ? fileURLToPath(new URL("../../config/demonstration.json", import.meta.url))
    : resolve(from, values.config);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  run();
} catch (cause) {
  if (!(cause instanceof OpensslError)) throw cause;
  refuse(cause.message, 1);
}

function run(): void {
  switch (command) {
    case "init":
      takesNoName(init);
      break;
    case "station":
      takesNoName(station);
      break;
    case "unit":
      unit(nameOf());
      break;
    case "sensor":
      sensor(nameOf());
      break;
    case "list":
      takesNoName(list);
      break;
    case "revoke":
      revokeName(nameOf());
      break;
    case undefined:
      process.stdout.write(usage);
      break;
    default:
      refuse(`"${command}" is no command\n\n${usage}`);
  }
}

function init(): void {
  if (hasAuthority(ward.authority)) {
    refuse(
      `${ward.authority} holds an authority already, and every certificate of the ward ends with it. To begin anew, move that folder away first.`,
    );
  }
  mkdirSync(ward.authority, { recursive: true, mode: 0o700 });
  makeAuthority(ward.authority, site().wardName);
  say(`${ward.authority}: the ward's authority. Keep a copy of it in a safe; it belongs on no bedroom unit.`);
}

function station(): void {
  mustHaveAuthority();
  const its = site();
  const { kind, tls } = its.brokers;
  if (tls !== "mutual")
    refuse(`${configFile}: set brokers.tls to "mutual" first; without, nothing asks for a certificate`);
  if (kind === "mosquitto" && dynamicSecurity() === undefined) {
    refuse("mosquitto with its dynamic security plugin is not on this machine; on Debian: apt-get install mosquitto");
  }
  if (existsSync(join(tlsFolder(ward.station), "broker.pem")) && !values.renew) {
    refuse(`${ward.station} has its certificates already; --renew makes new ones`);
  }
  // Units know it by the names that it had.
  const hosts = [...(values.host ?? stationHosts(ward.station)), its.brokers.host, hostname()];
  provisionStation(ward, its, hosts, { tls: port("sensors-port"), bridge: port("bridge-port") });
  say(`${ward.station}: the station's data folder, known as ${[...new Set(hosts)].join(", ")}.`);
  if (kind === "mosquitto") say(startMosquitto());
  say(`Then: ./scripts/start --config ${configFile} --data ${ward.station}`);
  if (values.renew) tellReload();
}

function startMosquitto(): string {
  const folder = mosquittoFolder(ward.station);
  return [
    `Its brokers: mosquitto -c ${join(folder, "frames.conf")}, the same with control.conf, and sensors.conf where a sensor speaks MQTT; or`,
    `  sudo cp '${join(folder, serviceName)}' /etc/systemd/system/`,
    "  sudo systemctl enable --now quietround-mosquitto@frames quietround-mosquitto@control",
  ].join("\n");
}

function unit(name: string): void {
  const its = mustHaveStation();
  if (!its.beds.some(({ device }) => device === name)) refuse(`${configFile}: no bed has the device "${name}"`);
  mustBeFree(name, "client");
  if (!its.brokers.remoteUnits.includes(name)) {
    provisionLocalUnit(ward, name);
    say(`${tlsFolder(ward.station)}: ${name}'s certificate; its bridge runs beside the station.`);
    return;
  }
  const host = values.host?.[0] ?? stationHosts(ward.station)[0] ?? its.brokers.host;
  const why = notTheStation(ward.station, host);
  if (why !== undefined) refuse(`--host ${host}: ${why}. Make the station's again with --host ${host} --renew.`);
  if (["localhost", "127.0.0.1", "::1"].includes(host)) {
    refuse(`${name} is a machine of its own (brokers.remoteUnits): say where it finds the station with --host NAME`);
  }
  provisionRemoteUnit(ward, its, readFileSync(configFile, "utf8"), name, host);
  say(`${ward.unit(name)}: ${name}'s data folder. Carry it to the unit by hand, keep no copy, and start it there:`);
  say("npm run unit -- --data FOLDER");
}

function sensor(name: string): void {
  mustHaveAuthority();
  if (site().beds.some(({ device }) => device === name)) refuse(`${configFile}: "${name}" is a bedroom unit`);
  mustBeFree(name, "sensor");
  provisionSensor(ward, name);
  say(
    `${ward.sensor(name)}: ${name}'s certificate, key and authority. It may write below sensors/${name}/ and nowhere else.`,
  );
}

function list(): void {
  mustHaveAuthority();
  const rows = listIssued(ward.authority);
  if (rows.length === 0) say("nothing was issued");
  for (const { name, use, serial, endsUtcMs, state } of rows) {
    const days = Math.floor((endsUtcMs - Date.now()) / 86_400_000);
    const ends = state === "valid" ? `${days} days left` : new Date(endsUtcMs).toISOString().slice(0, 10);
    say(`${name.padEnd(20)} ${use.padEnd(7)} ${state.padEnd(8)} ${ends.padEnd(14)} ${serial}`);
  }
}

function revokeName(name: string): void {
  mustHaveAuthority();
  const count = revoke(ward.authority, name);
  if (count === 0) refuse(`no certificate of "${name}" counts; \`list\` tells what was issued`, 1);
  if (existsSync(tlsFolder(ward.station))) {
    // First the list, then the name: who is thrown out must not come back.
    publishList(ward.authority, ward.station);
    tellReload();
    markRevoked(ward.station, name, "revoked");
  }
  removeKeys(ward, name);
  say(
    `${name}: ${count} certificate${count === 1 ? "" : "s"} revoked. A running agent throws its connections out within 2 s.`,
  );
  say(`A sensor's own connection ends when the broker of sensors is started again.`);
}

function tellReload(): void {
  for (const { broker, is, pid } of reloadBrokers(ward.station)) {
    switch (is) {
      case "told":
        say(`the ${broker} broker (process ${pid}) was told to read its certificates again`);
        break;
      case "not running":
        say(
          `the ${broker} broker does not run here; where it does: sudo systemctl reload quietround-mosquitto@${broker}`,
        );
        break;
      case "not ours to tell":
        say(
          `the ${broker} broker is another user's: sudo systemctl reload quietround-mosquitto@${broker}, or sudo kill -HUP ${pid}`,
        );
        break;
    }
  }
}

function mustHaveAuthority(): void {
  if (!hasAuthority(ward.authority))
    refuse(`${ward.authority}: no authority here; begin with: npm run ward:provision -- init`);
}

function mustHaveStation(): SiteConfig {
  mustHaveAuthority();
  if (!existsSync(join(tlsFolder(ward.station), "broker.pem"))) {
    refuse(`${ward.station} has no certificates yet; first: npm run ward:provision -- station`);
  }
  return site();
}

/** One certificate that counts for each name: a second would be somebody else's. A sensor never becomes a unit. */
function mustBeFree(name: string, use: "client" | "sensor"): void {
  const valid = listIssued(ward.authority).filter((one) => one.name === name && one.state === "valid");
  const other = valid.find((one) => one.use !== use);
  if (other !== undefined)
    refuse(`"${name}" is a ${other.use === "sensor" ? "sensor" : "unit"} already; revoke it first`);
  if (values.renew || valid.length === 0) return;
  refuse(`"${name}" has a certificate that counts. --renew makes one more for it; revoke ends it.`);
}

function site(): SiteConfig {
  return readSiteConfig(configFile).site;
}

function nameOf(): string {
  const [name, ...more] = names;
  const parsed = Segment.safeParse(name);
  if (more.length > 0 || !parsed.success) refuse(`${command} wants one name: 1 to 32 letters, digits, _ and -`);
  const taken = [...reservedDeviceNames, "broker", "ca", "crl"];
  if (command !== "revoke" && taken.includes(parsed.data))
    refuse(`"${name}" is the station's own: ${taken.join(", ")}`);
  return parsed.data;
}

function takesNoName(act: () => void): void {
  if (names.length > 0) refuse(`${command} takes no name`);
  act();
}

function port(name: "sensors-port" | "bridge-port"): number {
  const text = values[name];
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 65_535) refuse(`--${name} ${text}: not a port`);
  return number;
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: "boolean", default: false },
        dir: { type: "string", default: "ward-keys" },
        station: { type: "string" },
        config: { type: "string" },
        host: { type: "string", multiple: true },
        renew: { type: "boolean", default: false },
        "sensors-port": { type: "string", default: "8883" },
        "bridge-port": { type: "string", default: "1883" },
      },
    });
  } catch (cause) {
    return refuse(`${cause instanceof Error ? cause.message : cause}\n\n${usage}`);
  }
}

function refuse(words: string, code = 2): never {
  process.stderr.write(`${words.trimEnd()}\n`);
  process.exit(code);
}
