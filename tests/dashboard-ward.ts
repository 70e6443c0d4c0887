import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { ClientAuth } from "openid-client";
import { buildApp } from "../dashboard/server/build-app.ts";
import { WardReports } from "../dashboard/server/ward-reports.ts";
import type { SpokenLanguage } from "../dashboard/words/bedside-language.ts";
import { vkeyOf } from "../edge-agent/audit/note.ts";
import { startBrokers } from "../edge-agent/broker/broker.ts";
import type { LevelNames } from "../edge-agent/contract/checks.ts";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import type { AuditIntent } from "../edge-agent/contract/door.ts";
import { AskDesk } from "../edge-agent/io/ask-desk.ts";
import type { WardDesk } from "../edge-agent/io/ward-desk.ts";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { connectBroker } from "../edge-agent/platform/connect.ts";
import type { Log } from "../edge-agent/platform/log.ts";
import { openDashboardLog } from "../edge-agent/records/dashboard-log.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { WardRecords } from "../edge-agent/records/ward.ts";
import { buildWeb } from "../scripts/build-web.ts";
import { FakeAgent } from "./dashboard-fake-agent.ts";

export interface DashboardWard {
  readonly app: FastifyInstance;
  readonly url: string;
  /** Where the built pages are. */
  readonly builtDir: string;
  readonly agent: FakeAgent;
  readonly wardFile: string;
  /** The ward's database, which the pages read; the fake agent writes nothing into it. */
  readonly records: WardRecords;
  /** What reached the dashboard's audit log, in order. */
  readonly readings: AuditIntent[];
  /** While true every append throws, as with a full disk. */
  failAudit: boolean;
  stop(): Promise<void>;
}

/** Made up: beside a radar, above the bed, looking down. */
const depthSensors = [
  { sensor: "radar", model: "acconeer-a121", port: { via: "simulated" }, source: "simulated" },
  {
    sensor: "depth",
    model: "sim-depth-8x8",
    port: { via: "simulated" },
    source: "simulated",
    placement: {
      at: { xMm: 0, yMm: 0, zMm: 2_400 },
      towards: { xMm: 0, yMm: 0, zMm: 500 },
      bed: { lengthMm: 2_000, widthMm: 900, topMm: 500 },
    },
  },
];

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A dashboard over a real broker on loopback, with its own folder; the agent is a fake at the other end of the wire. */
export async function startDashboardWard(
  choices: {
    web?: boolean;
    websocketClientsMax?: number;
    demonstration?: boolean;
    beds?: number;
    languages?: readonly SpokenLanguage[];
    /** A real desk with accounts in front of the fake rooms; nobody signs in by a code alone. */
    accounts?: { readonly idleLockMinutes?: number };
    /** The identity provider, as in dashboard.oidc, and how it knows the dashboard. */
    oidc?: object;
    oidcAuth?: ClientAuth;
    /** Of the pages; left out: any. */
    port?: number;
    /** A bed with a depth sensor beside its radar. */
    depthIn?: string;
    /** The site's own names for levels of checks. */
    levels?: Partial<LevelNames>;
    /** What anybody may read for; left out: everything. */
    readFor?: readonly string[];
    advocate?: { readonly name: string; readonly phone?: string };
  } = {},
): Promise<DashboardWard> {
  const folder = mkdtempSync(join(tmpdir(), "quietround-dashboard-"));
  const site = SiteConfig.parse({
    v: 1,
    trust: "trust",
    site: "site",
    ward: "ward",
    wardName: "Rowan Ward",
    auditDomain: "ward.example",
    demonstration: choices.demonstration ?? true,
    development: choices.oidc !== undefined,
    ...(choices.oidc === undefined ? {} : { dashboard: { oidc: choices.oidc } }),
    beds: Array.from({ length: choices.beds ?? 4 }, (_, index) => ({
      bed: `room-${index + 1}`,
      name: `Room ${index + 1}`,
      device: `unit-${index + 1}`,
      sensors:
        `room-${index + 1}` === choices.depthIn
          ? depthSensors
          : [{ sensor: "radar", model: "acconeer-a121", port: { via: "tcp", port: 6110 } }],
    })),
    consent: { languages: (choices.languages ?? []).map(({ code }) => code), advocate: choices.advocate },
    staff: choices.accounts ?? {},
    ...(choices.readFor === undefined ? {} : { readFor: choices.readFor }),
    levels: choices.levels ?? {},
    limits: { websocketClientsMax: choices.websocketClientsMax ?? 100 },
  });
  const credentials = new Map([
    ["agent", randomUUID()],
    ["dashboard", randomUUID()],
  ]);
  const password = (client: string): string => credentials.get(client) ?? "";
  const brokers = await startBrokers({
    attended: () => true,
    host: "127.0.0.1",
    framesPort: 0,
    controlPort: 0,
    ward: site,
    credentials,
    devices: [],
    admits: () => false,
    onDrop: () => {},
    log: quiet,
  });
  const agent = new FakeAgent(site, brokers.controlPort, password("agent"), quiet);
  agent.start();
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const logOf = (owner: string) => ({
    origin: `ward.example/audit/${owner}`,
    sign: signerOf(privateKey),
    publicKey,
    boot: randomUUID(),
    cfgSha256: null,
    modelSha256: null,
  });
  const files = { wardFile: join(folder, "ward.sqlite"), dashboardFile: join(folder, "dashboard.sqlite") };
  const log = openDashboardLog(files.dashboardFile, logOf("dashboard"));
  const records = new WardRecords(files.wardFile, logOf("station"));
  records.start();
  const reports = new WardReports(files, quiet);
  if (choices.accounts !== undefined) agent.desk = deskOver(site, records, agent);
  const builtDir = folder;
  if (choices.web === true) await buildWeb(builtDir);
  const link = connectBroker({
    url: `mqtt://127.0.0.1:${brokers.controlPort}`,
    clientId: "dashboard",
    username: "dashboard",
    password: password("dashboard"),
    log: quiet,
  });
  const readings: AuditIntent[] = [];
  let failing = false;
  const app = await buildApp({
    ...(choices.oidcAuth === undefined ? {} : { oidcAuth: choices.oidcAuth }),
    site,
    link,
    readings: {
      append(intent, stamp) {
        if (failing) throw new Error("disk-full: made up");
        log.append(intent, stamp);
        readings.push(intent);
      },
    },
    reports,
    stamp: () => ({ utcMs: systemClock.utcMs(), monoNs: systemClock.monoNs() }),
    now: () => systemClock.monoMs(),
    builtDir,
    signer: { vkey: vkeyOf("ward.example/audit/dashboard", publicKey), sign: signerOf(privateKey) },
    assessmentFile: null,
    languages: choices.languages ?? [],
    log: quiet,
  });
  await app.listen({ host: "127.0.0.1", port: choices.port ?? 0 });
  await connected(link);
  return {
    app,
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    builtDir,
    agent,
    wardFile: files.wardFile,
    records,
    readings,
    get failAudit() {
      return failing;
    },
    set failAudit(fail) {
      failing = fail;
    },
    async stop() {
      await app.close();
      await Promise.all([link.stop(), agent.stop(), reports.stop()]);
      records.close();
      await brokers.stop();
      log.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function deskOver(site: SiteConfig, records: WardRecords, agent: FakeAgent): AskDesk {
  const desk: AskDesk = new AskDesk({
    records,
    stamp: () => ({ utcMs: systemClock.utcMs(), monoNs: systemClock.monoNs() }),
    beds: site.beds.map(({ bed }) => bed),
    ward: { decide: () => undefined } as unknown as WardDesk,
    whatIf: () => undefined,
    onShown: () => {},
    codeSignsIn: site.demonstration,
    shiftMs: site.staff.shiftHours * 3_600_000,
    oidc: site.dashboard.oidc,
    idleLockMs: site.staff.idleLockMinutes * 60_000,
    agencyDaysMax: site.staff.agencyDaysMax,
    toRoom: (_bed, { request, actor, ask }) => {
      const decided = agent.decideRoom(ask, actor);
      if ("why" in decided)
        desk.answer({ kind: "answer", request, ok: false, why: "not-allowed", words: decided.words });
      else desk.answer({ kind: "answer", request, ok: true, result: decided });
    },
    send: (client, answer) => agent.answer(client, answer),
    log: quiet,
  });
  return desk;
}

async function connected(link: { readonly state: string }): Promise<void> {
  while (link.state !== "connected") await new Promise((resolve) => setTimeout(resolve, 20));
}
