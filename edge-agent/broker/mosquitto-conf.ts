import { envelopeBytesMax } from "../contract/frames.ts";
import { packetBytesMax } from "./packet-gate.ts";
import type { BrokerName } from "./rights.ts";

/*
 * The configuration of a ward's mosquittos: one process for frames, one for everything else, one for sensors that speak MQTT by
 * themselves. Each client is who its certificate says: name, client id and account are one.
 */

export interface MosquittoFiles {
  /** The folder of this configuration and of what the broker keeps. */
  readonly folder: string;
  /** `keys/tls` of the station. */
  readonly tls: string;
  /** The dynamic security plugin of this machine. */
  readonly plugin: string;
  /** Whom a broker started by root becomes: somebody who may read these files. */
  readonly user: string;
}

/** Agent, dashboard, admin, the rights' admin and 64 units, and some that are just being cut. */
const connectionsMax = 100;

interface Listens {
  readonly port: number;
  /** Null: at every address of the machine. */
  readonly bind: string | null;
}

const listener = ({ port, bind }: Listens, { tls }: MosquittoFiles): string[] => [
  bind === null ? `listener ${port}` : `listener ${port} ${bind}`,
  `cafile ${tls}/ca.pem`,
  `certfile ${tls}/broker.pem`,
  `keyfile ${tls}/broker.key.pem`,
  "# Read again on SIGHUP.",
  `crlfile ${tls}/crl.pem`,
  "require_certificate true",
  "tls_version tlsv1.3",
  "use_identity_as_username true",
  "# The client id that a client names is not looked at: two of one name are one.",
  "use_username_as_clientid true",
  `max_connections ${connectionsMax}`,
];

const limits: readonly string[] = [
  "# Before the login too: a CONNECT that claims 256 MB ends here.",
  `max_packet_size ${packetBytesMax}`,
  `message_size_limit ${envelopeBytesMax}`,
  "max_inflight_messages 20",
  "max_queued_messages 200",
  "max_keepalive 60",
  "queue_qos0_messages false",
  "# What is kept for later readers would outlive the consent to it.",
  "retain_available false",
  "set_tcp_nodelay true",
  "sys_interval 0",
];

const made = "# Made by npm run ward:provision, which makes it anew.";
const common = (name: string, { folder, user }: MosquittoFiles): string[] => [
  `pid_file ${folder}/${name}.pid`,
  `user ${user}`,
  "log_type error",
  "log_type warning",
  "log_type notice",
];

/** A frame is never on a disk; what was confirmed on the other broker survives a power cut by at most a second. */
const kept = (name: BrokerName, { folder }: MosquittoFiles): string[] => {
  switch (name) {
    case "frames":
      return ["persistence false"];
    case "control":
      return [
        "persistence true",
        `persistence_location ${folder}/`,
        "persistence_file control.db",
        "autosave_on_changes true",
        "autosave_interval 1",
        "persistent_client_expiration 1d",
      ];
  }
};

export const wardConf = (name: BrokerName, listens: Listens, files: MosquittoFiles): string =>
  [
    made,
    ...common(name, files),
    ...kept(name, files),
    ...limits,
    "",
    "allow_anonymous false",
    `plugin ${files.plugin}`,
    `plugin_opt_config_file ${files.folder}/${name}.json`,
    "",
    ...listener(listens, files),
    "",
  ].join("\n");

/**
 * For sensors that speak MQTT by themselves: each may write below `sensors/<its name>/` and read nothing but its own commands; a bridge
 * on this machine reads them all, without a password, on loopback.
 */
export const sensorsConf = (port: number, bridgePort: number, files: MosquittoFiles): string =>
  [
    made,
    ...common("sensors", files),
    "per_listener_settings true",
    "persistence false",
    ...limits,
    "",
    ...listener({ port, bind: null }, files),
    "allow_anonymous false",
    `acl_file ${files.folder}/sensors.acl`,
    "",
    `listener ${bridgePort} 127.0.0.1`,
    "max_connections 20",
    "allow_anonymous true",
    `acl_file ${files.folder}/bridges.acl`,
    "",
  ].join("\n");

export const sensorsAcl = "pattern write sensors/%u/#\npattern read sensors/%u/command/#\n";
export const bridgesAcl = "topic read sensors/#\n";
