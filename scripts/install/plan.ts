import type { SiteConfig } from "../../edge-agent/contract/config.ts";

/*
 * What an installation is, as a list of things that are there afterwards. It touches nothing: carry-out.ts does.
 */

export type Step =
  | { readonly is: "account"; readonly name: string; readonly group: string }
  | { readonly is: "folder"; readonly path: string; readonly mode: number; readonly owner: Owner }
  | { readonly is: "release"; readonly path: string }
  | { readonly is: "link"; readonly path: string; readonly to: string }
  | { readonly is: "file"; readonly path: string; readonly text: string; readonly mode: number; readonly owner: Owner }
  /** Made once, of random bytes, and never again. */
  | { readonly is: "data-key"; readonly path: string }
  | { readonly is: "run"; readonly command: readonly string[]; readonly why: string };

/** `root:quietround`: the account may read and not write. */
export type Owner = "root" | "root:quietround" | "quietround";

export interface Places {
  readonly prefix: string;
  readonly config: string;
  readonly data: string;
  readonly backup: string;
}
export const usualPlaces: Places = {
  prefix: "/opt/quietround",
  config: "/etc/quietround",
  data: "/var/lib/quietround",
  backup: "/var/backups/quietround",
};

export const kinds = ["station", "unit"] as const;
export type Kind = (typeof kinds)[number];

export interface Wanted {
  readonly kind: Kind;
  readonly places: Places;
  /** Number of the release; its folder. */
  readonly release: number;
  readonly site: SiteConfig;
  /** Of the site: site.json and what lies beside it, by name. */
  readonly siteFiles: ReadonlyMap<string, string>;
  /** Templates of the project's config/, by path. */
  readonly templates: ReadonlyMap<string, string>;
}

/** Services of each kind of machine, all of quietround.target. */
export const unitsOf: Readonly<Record<Kind, readonly string[]>> = {
  station: ["quietround.service", "quietround-backup.service", "quietround-backup.timer", "quietround-recover.service"],
  unit: ["quietround-unit.service"],
};

/** Points at the release that was last known to be well. */
export const recoverLink = (prefix: string): string => `${prefix}/recover`;

const systemd = "/etc/systemd/system";
/** Below this a port is the system's own, and a service wants a capability for it. */
const ownPorts = 1_024;

export function installPlan({ kind, places, release, site, siteFiles, templates }: Wanted): Step[] {
  const { prefix, config, data, backup } = places;
  const template = (name: string): string => {
    const text = templates.get(name);
    if (text === undefined) throw new Error(`there is no template ${name}`);
    const capabilities =
      kind === "station" && site.dashboard.port > 0 && site.dashboard.port < ownPorts ? "CAP_NET_BIND_SERVICE" : "";
    return text
      .replaceAll("@PREFIX@", prefix)
      .replaceAll("@CONFIG@", config)
      .replaceAll("@DATA@", data)
      .replaceAll("@BACKUP@", backup)
      .replaceAll("@CAPABILITIES@", capabilities);
  };
  const unitFile = (name: string): Step => ({
    ...{ is: "file", path: `${systemd}/${name}`, text: template(`systemd/${name}`), mode: 0o644, owner: "root" },
  });
  const units = ["quietround.target", ...unitsOf[kind]];
  // The nightly copy has no start of its own: its timer has.
  const enabled = units.filter((name) => name !== "quietround-backup.service");
  return [
    { is: "account", name: "quietround", group: "dialout" },
    { is: "folder", path: prefix, mode: 0o755, owner: "root" },
    { is: "folder", path: `${prefix}/releases`, mode: 0o755, owner: "root" },
    { is: "release", path: `${prefix}/releases/${release}` },
    { is: "folder", path: data, mode: 0o700, owner: "quietround" },
    ...(kind === "station" ? ofStation(places, siteFiles) : []),
    ...units.map(unitFile),
    // Last of the files: a restart in between runs the release of before, with its own list.
    { is: "link", path: `${prefix}/current`, to: `releases/${release}` },
    // What goes on with an update that was cut off: a release that was well, whatever `current` points at.
    ...(kind === "station" ? [{ is: "link", path: recoverLink(prefix), to: `releases/${release}` } as const] : []),
    file("/etc/udev/rules.d/70-quietround.rules", template("udev/70-quietround.rules")),
    file("/etc/systemd/journald.conf.d/quietround.conf", template("journald/quietround.conf")),
    file("/etc/sysctl.d/90-quietround.conf", template("sysctl/quietround.conf")),
    { is: "run", command: ["udevadm", "control", "--reload"], why: "names of sensors" },
    { is: "run", command: ["sysctl", "--system"], why: "no pictures of memory" },
    { is: "run", command: ["systemctl", "restart", "systemd-journald"], why: "how long logs are kept" },
    { is: "run", command: ["systemctl", "daemon-reload"], why: "the units" },
    {
      is: "run",
      command: ["systemctl", "enable", "--now", ...enabled],
      why: "from now on, and after each start of the machine",
    },
  ];
}

const file = (path: string, text: string): Step => ({ is: "file", path, text, mode: 0o644, owner: "root" });

const ofStation = ({ config, backup }: Places, siteFiles: ReadonlyMap<string, string>): Step[] => [
  { is: "folder", path: config, mode: 0o750, owner: "root:quietround" },
  ...[...siteFiles].map(
    ([name, text]): Step => ({ is: "file", path: `${config}/${name}`, text, mode: 0o640, owner: "root:quietround" }),
  ),
  { is: "data-key", path: `${config}/data-key` },
  { is: "folder", path: backup, mode: 0o700, owner: "quietround" },
];

/** What speaks against it, in words; none: nothing. */
export function installProblems({ kind, site, siteFiles }: Wanted): string[] {
  if (kind === "unit") return [];
  const problems: string[] = [];
  if (site.demonstration)
    problems.push("site.json is of a demonstration: it is for showing, and never beside a patient");
  if (!site.demonstration && !site.development && !siteFiles.has("release.note"))
    problems.push("nobody signed this release for this site: npm run release:sign -- --help");
  if (site.dashboard.port === 0 || (site.brokers.kind === "mosquitto" && site.brokers.controlPort === 0))
    problems.push("a port is 0 (any): screens could not find it after the next start");
  return problems;
}
