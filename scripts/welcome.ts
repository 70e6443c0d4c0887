import type { SiteConfig } from "../edge-agent/contract/config.ts";
import type { Invitations } from "./demonstration.ts";
import type { StartOptions } from "./start-options.ts";

export function pageAddress(site: SiteConfig, path: string): string {
  const { host, port, tls, behindProxy, publicName = host } = site.dashboard;
  // The proxy's port is its own; it has the usual one.
  if (behindProxy && publicName !== host) return `https://${publicName}${path}`;
  return `${tls === null ? "http" : "https"}://${publicName.includes(":") ? `[${publicName}]` : publicName}:${port}${path}`;
}

export const clockTime = (utcMs: number): string =>
  new Date(utcMs).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

type Started = Pick<StartOptions, "dataDir" | "replay" | "loop" | "speed">;

/** What a person needs to know once everything answers. */
export function welcome(
  site: SiteConfig,
  started: Started,
  invitations: Invitations | undefined,
  first?: FirstAccount,
): string {
  const fast = started.speed === 1 ? "" : `, ${started.speed} times as fast`;
  const source =
    started.replay !== undefined
      ? `recording ${started.replay.name}${fast}${started.loop ? ", over and over" : ""}`
      : site.beds.some(({ sensors }) => sensors.some(({ port }) => port.via === "simulated"))
        ? `${site.beds.length > 1 ? `${site.beds.length} bedrooms` : "bedroom"} computed from physics${fast}`
        : "sensors of the ward";
  const facts = [
    ["Sensors", source],
    ["Nurse station", pageAddress(site, "/ward")],
    ["Bedside screen", pageAddress(site, "/bedside")],
    ...(site.demonstration ? [["All components", pageAddress(site, "/demo")]] : []),
    ["Logs", `${started.dataDir}/log`],
  ];
  const width = Math.max(...facts.map(([name]) => (name as string).length));
  return [
    "",
    `  Quietround is running: ${site.wardName}`,
    "",
    ...facts.map(([name, value]) => `    ${(name as string).padEnd(width)}  ${value}`),
    "",
    ...(invitations === undefined
      ? whoSignsIn(site, started.dataDir, first)
      : threeSteps(site, invitations, started.replay === undefined)),
    "",
    "  Not a medical device. It never replaces a check in person. Ctrl-C stops everything.",
    "",
    "",
  ].join("\n");
}

const threeSteps = (site: SiteConfig, { nurse, bedside }: Invitations, simulated: boolean): string[] => [
  `  1. Sign in as the nurse (works once, until ${clockTime(nurse.expiresAt)}):`,
  `     ${pageAddress(site, `/sign-in?code=${encodeURIComponent(nurse.code)}`)}`,
  "",
  `  2. In a second window, pair the bedside screen of ${site.beds[0]?.name ?? "the bed"} (works once, until ${clockTime(bedside.expiresAt)}):`,
  `     ${pageAddress(site, `/pair?code=${encodeURIComponent(bedside.code)}`)}`,
  "",
  '  3. On the bedside screen touch "Yes, turn on" for Movement alerts, then for Breathing rate. Only then does the',
  "     sensor start; watch the tile at the nurse station: after 10 to 20 s of lying still it shows a breathing rate.",
  ...(simulated
    ? [
        '     After a good minute the person gets up: the alert is yours to take with "I\'m going now", and is over when',
        "     they are back in bed.",
      ]
    : []),
  '     "Turn off" stops it at once.',
  ...(site.beds.length > 1 ? ["     The made-up people in the other rooms have turned theirs on already."] : []),
];

/** The code for the first account of a ward that has none. */
export interface FirstAccount {
  readonly code: string;
  readonly expiresAt: number;
}

const whoSignsIn = (site: SiteConfig, dataDir: string, first: FirstAccount | undefined): string[] =>
  first === undefined
    ? [
        `  Sign in: ${pageAddress(site, "/badge")}`,
        "",
        "  The nurse in charge adds people there (Staff and setting up). From this machine, also where nobody can sign in any more:",
        `     npm run invite -- --data ${dataDir} --name "Sam Reed" --role nurse-in-charge --badge RN-104`,
      ]
    : [
        `  Nobody has an account yet. The first is that of a nurse in charge (works once, until ${clockTime(first.expiresAt)}; another start gives`,
        "  another code):",
        `     ${pageAddress(site, `/start-account?first=yes&code=${encodeURIComponent(first.code)}`)}`,
      ];
