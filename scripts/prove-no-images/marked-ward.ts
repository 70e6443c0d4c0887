import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brokerAdmin } from "../../edge-agent/contract/brokers-config.ts";
import type { SensorConfig } from "../../edge-agent/contract/config.ts";
import { topics } from "../../edge-agent/contract/topics.ts";
import { readCredential } from "../../edge-agent/platform/keys.ts";
import { startBareMosquitto } from "../../tests/mosquitto-broker.ts";
import { type RunningWard, runWard } from "../../tests/running-ward.ts";
import { type Captured, enter, listenAs, publishAs, readPages, type Visitor, watchFeed } from "./captures.ts";
import { bytesOf, Evidence, filesBelow } from "./evidence.ts";
import { markedPicture } from "./mark.ts";
import { startMarkedSensors } from "./marked-sensors.ts";
import { bedsidePages, staffPages } from "./pages.ts";
import { TracedFiles } from "./traced-files.ts";

export interface RanWard {
  readonly evidence: Evidence;
  readonly sent: Readonly<Record<string, number>>;
  readonly accepted: Readonly<Record<string, number>>;
  readonly heard: Readonly<Record<string, number>>;
  readonly files: number;
  /** Files that were written and have gone without having been read. */
  readonly gone: readonly string[];
  readonly cores: readonly string[];
  /** As the system tells it; empty: off. */
  readonly swap: string;
  /** What the agent told of each room, per hour, and the budget. */
  readonly toldBytesPerHour: Readonly<Record<string, number>>;
  readonly bytesPerHourMax: number;
}

export type BrokerKind = "embedded" | "mosquitto";

interface Choices {
  readonly broker: BrokerKind;
  readonly mark: Float64Array;
  readonly seconds: number;
  readonly say: (words: string) => void;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const placement: SensorConfig["placement"] = {
  at: { xMm: 300, yMm: -1_500, zMm: 2_400 },
  towards: { xMm: 100, yMm: 200, zMm: 500 },
  bed: { lengthMm: 2_000, widthMm: 900, topMm: 500 },
};
const rooms = ["room-1", "room-2", "room-3", "room-4"];
const wait = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_000 * seconds));

/** A ward of real processes over marked sensors, through its faults; what it left behind. */
export async function runMarkedWard({ broker, mark, seconds, say }: Choices): Promise<RanWard> {
  const evidence = new Evidence();
  const keep = (one: Captured): void => evidence.add(one);
  const sensors = await startMarkedSensors(mark);
  const traces = mkdtempSync(join(tmpdir(), "quietround-traces-"));
  const traced = new TracedFiles(traces, root);
  const tcp = (port: number) => ({ port: { via: "tcp" as const, host: "127.0.0.1", port } });
  const depth = { model: "depth-camera" as const, ...tcp(sensors.cameraPort), placement };
  const ownBrokers: ReturnType<typeof startBareMosquitto>[] = [];
  const startOwn = (port: number, password: string): void =>
    void ownBrokers.push(startBareMosquitto([port], { name: brokerAdmin, password }));
  const ward = await runWard({
    ...(broker === "embedded"
      ? {}
      : {
          mosquitto: ({ frames, control }, password) => {
            for (const port of [frames, control]) startOwn(port, password);
          },
        }),
    sensors: [
      tcp(sensors.radarPort),
      depth,
      { ...depth, packed: true },
      { model: "st-vl53l5cx", ...tcp(sensors.zonesPort), placement },
    ],
  });
  const accepted: Record<string, number> = {};
  const heard: Record<string, number> = {};
  try {
    const follow = (part: string): Promise<void> => traced.follow(ward.pid(part));
    const snapshot = (when: string): void => {
      for (const path of [ward.dataDir, ...ownBrokers.map(({ folder }) => folder)].flatMap(filesBelow))
        keep({ where: `${path}, ${when}`, bytes: bytesOf(path) ?? Buffer.of() });
    };
    await Promise.all([follow("agent"), follow("bridge"), ...ownBrokers.map(({ pid }) => traced.follow(pid))]);
    const firstFrameMs = Date.now();
    for (const bed of rooms) {
      const { stay, bedside } = await ward.admit(bed);
      await ward.turnOn(bed, stay, bedside);
    }
    const codes = await codesOf(ward);
    say("frames with the mark stream ...");
    const count = async (when: string): Promise<void> => {
      for (const bed of rooms) {
        const since = Date.now();
        const fresh = (): number | undefined => {
          const tile = ward.tiles.get(bed);
          return tile !== undefined && tile.at > since ? tile.engineering.framesAccepted : undefined;
        };
        // The count begins anew with the agent.
        const from = await ward.until(`a tile of ${bed} ${when}`, () => fresh());
        const now = await ward.until(`${bed} to accept frames ${when}`, () => {
          const frames = fresh() ?? 0;
          return frames >= 20 && frames > from ? frames : undefined;
        });
        accepted[bed] = (accepted[bed] ?? 0) + now;
      }
    };
    await count("at first");
    await wait(seconds);
    snapshot("while it runs");

    say("the agent is killed, and started again ...");
    await ward.kill("agent");
    snapshot("after a kill");
    ward.start("agent");
    await follow("agent");
    await count("after a kill");
    say("the agent aborts, which leaves a picture of its memory where that is allowed ...");
    ward.signal("agent", "SIGABRT");
    await ward.kill("agent");
    snapshot("after an abort");
    ward.start("agent");
    await follow("agent");
    await count("after an abort");

    say("a bedroom unit sends garbage with the mark in it, as fast as it can ...");
    await ward.kill("bridge");
    await sendGarbage(ward, mark, Math.min(10, seconds));
    const unit = await eavesdrop(ward, ["unit-1"], Math.min(5, seconds), keep);
    ward.start("bridge");
    await follow("bridge");
    await count("after garbage");

    const toldBytesPerHour = toldOf(ward);

    say("every account listens on both brokers ...");
    await ward.release();
    const accounts = ["dashboard", "admin", ...(broker === "mosquitto" ? [brokerAdmin] : [])];
    Object.assign(heard, unit, await eavesdrop(ward, accounts, seconds, keep));

    say("pages and live feeds are read ...");
    ward.start("dashboard");
    const url = `http://127.0.0.1:${ward.site.dashboard.port}`;
    await served(url);
    await follow("dashboard");
    Object.assign(heard, await look(url, codes, seconds, keep));
    snapshot("before the end");
    for (const part of ["dashboard", "bridge", "agent"]) {
      await ward.end(part);
      keep({ where: `the log of the ${part}`, bytes: Buffer.from(ward.log(part)) });
    }
    await traced.stop();
    const paths = traced.paths();
    for (const path of filesBelow(ward.dataDir)) paths.set(path, paths.get(path) ?? 0);
    const gone: string[] = [];
    for (const [path, openedMs] of paths) {
      const bytes = bytesOf(path);
      if (bytes !== undefined) keep({ where: path, bytes });
      else if (openedMs >= firstFrameMs && !rebuilt.test(path)) gone.push(path);
    }
    for (const { folder } of ownBrokers)
      for (const path of filesBelow(folder)) keep({ where: path, bytes: bytesOf(path) ?? Buffer.of() });
    const cores = [...coresIn(ward.dataDir), ...coresIn(root)];
    const { camera, zones, radar } = sensors.sent;
    return {
      evidence,
      sent: { camera, zones, radar },
      accepted,
      heard,
      files: paths.size,
      gone,
      cores,
      swap: swapWords(),
      toldBytesPerHour,
      bytesPerHourMax: ward.site.limits.bytesOutPerRoomHour,
    };
  } finally {
    await traced.stop();
    await ward.stop();
    for (const one of ownBrokers) await one.stop();
    sensors.stop();
    rmSync(traces, { recursive: true, force: true });
  }
}

/**
 * What SQLite keeps beside a database while it is open: looked at after each fall. A rollback journal holds pages of the database as
 * they were before, and those were looked at too.
 */
const rebuilt = /\.sqlite-(?:wal|shm|journal)$/;

async function codesOf(ward: RunningWard): Promise<{ readonly [role: string]: string }> {
  const codes: Record<string, string> = {};
  for (const role of ["nurse", "nurse-in-charge", "governance-lead"] as const) {
    const told = await ward.setUp({ do: "invite-staff", name: `Sam ${role}`, role });
    if (told.is === "code") codes[role] = told.code;
  }
  const told = await ward.setUp({ do: "invite-bedside", bed: "room-2" });
  if (told.is === "code") codes.bedside = told.code;
  return codes;
}

const accountOf = (ward: RunningWard, username: string) => ({
  username,
  password: readCredential(ward.dataDir, username),
});

/** By the tiles since the agent last started; a room whose budget was spent has told more than it may. */
function toldOf(ward: RunningWard): Record<string, number> {
  const told: Record<string, number> = {};
  for (const bed of rooms) {
    const ofBed = ward.history.filter((tile) => tile.bed === bed);
    const bytesAt = (n: number): number => ofBed[n]?.engineering.sentOut?.bytesInHour ?? 0;
    // The count begins anew with the agent.
    const first = ofBed[ofBed.findLastIndex((_tile, n) => n === 0 || bytesAt(n) < bytesAt(n - 1))];
    const last = ward.tiles.get(bed);
    const { sentOut } = last?.engineering ?? {};
    if (first === undefined || last === undefined || sentOut === undefined) continue;
    const hours = (last.at - first.at) / 3_600_000;
    const bytes = sentOut.bytesInHour - (first.engineering.sentOut?.bytesInHour ?? 0);
    told[bed] = sentOut.heldBack > 0 ? Number.POSITIVE_INFINITY : Math.round(bytes / hours);
  }
  return told;
}

async function sendGarbage(ward: RunningWard, mark: Float64Array, seconds: number): Promise<void> {
  const picture = markedPicture(mark, { widthPx: 80, heightPx: 60, cellPx: 1, middle: 2_200, reach: 700 });
  const bytes = Buffer.from(picture.buffer);
  const { trust, site, ward: name } = ward.site;
  const at = (rest: string): string => `v1/${trust}/${site}/${name}/${rest}`;
  const json = Buffer.from(JSON.stringify({ v: 1, mm: [...picture] }));
  const unit = accountOf(ward, "unit-1");
  const frames = [
    "unit-1/radar-1/radar",
    "unit-1/radar-2/depth",
    "unit-1/radar-9/depth",
    "unit-2/radar-1/depth",
  ].flatMap((rest) =>
    [bytes, json].flatMap((payload) => [false, true].map((retain) => ({ topic: at(rest), payload, retain }))),
  );
  const control = ["unit-1/status", "unit-1/presence", "unit-1/self-tested", "ask/dashboard", "live/room-1"].flatMap(
    (rest) => [bytes, json].flatMap((payload) => [false, true].map((retain) => ({ topic: at(rest), payload, retain }))),
  );
  // A broker may throw out whoever asks it to keep something: that comes last.
  const lastRetained = (one: { readonly retain: boolean }, other: { readonly retain: boolean }): number =>
    Number(one.retain) - Number(other.retain);
  await publishAs(ward.site.brokers.framesPort, unit, frames.toSorted(lastRetained), seconds);
  await publishAs(ward.site.brokers.controlPort, unit, control.toSorted(lastRetained));
}

/** How many messages each of these accounts heard. */
async function eavesdrop(
  ward: RunningWard,
  accounts: readonly string[],
  seconds: number,
  keep: (one: Captured) => void,
): Promise<Record<string, number>> {
  const { framesPort, controlPort } = ward.site.brokers;
  const brokers = [
    { name: "frames", port: framesPort },
    { name: "control", port: controlPort },
  ];
  const topic = topics(ward.site);
  // What an account may hear by its rights, and all that it might try.
  const filters = [
    topic.anyLive,
    topic.wardState,
    topic.anyStatus,
    topic.lease("unit-1"),
    ...accounts.map(topic.answer),
  ];
  const heard: Record<string, number> = {};
  const open = await Promise.all(
    brokers.flatMap((broker) =>
      accounts.map(async (username) => {
        const label = `${username} on the ${broker.name} broker`;
        heard[label] = 0;
        const ear = await listenAs(broker, accountOf(ward, username), filters, keep).catch(() => undefined);
        return { label, ear };
      }),
    ),
  );
  await wait(seconds);
  for (const { label, ear } of open) {
    heard[label] = ear?.heard() ?? 0;
    await ear?.stop();
  }
  return heard;
}

async function look(
  url: string,
  codes: { readonly [role: string]: string },
  seconds: number,
  keep: (one: Captured) => void,
): Promise<Record<string, number>> {
  const heard: Record<string, number> = {};
  const staff: Visitor[] = [];
  for (const role of ["nurse", "nurse-in-charge", "governance-lead"]) {
    staff.push({ name: role, cookie: await enter(url, "/sign-in", codes[role] ?? "") });
  }
  const bedside: Visitor = { name: "bedside", cookie: await enter(url, "/pair", codes.bedside ?? "") };
  const feeds = [...staff, bedside].map((visitor) => {
    const query = visitor === bedside ? "as=bedside" : "as=staff&opens=room-2";
    return { name: `feed of ${visitor.name}`, feed: watchFeed(url, visitor, query, keep) };
  });
  for (const visitor of staff) await readPages(url, visitor, staffPages("room-2"), keep);
  await readPages(url, bedside, bedsidePages, keep);
  await wait(seconds);
  for (const { name, feed } of feeds) {
    heard[name] = feed.heard();
    feed.stop();
  }
  return heard;
}

async function served(url: string): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    const reply = await fetch(`${url}/healthz`).catch(() => undefined);
    if (reply?.ok === true) return;
    await wait(0.2);
  }
  throw new Error(`no dashboard at ${url}`);
}

/** Where the kernel would leave a picture of a process's memory. */
function coresIn(folder: string): string[] {
  const pattern = readFileSync("/proc/sys/kernel/core_pattern", "utf8").trim();
  const place = pattern.startsWith("/") ? dirname(pattern) : folder;
  return readdirSync(place)
    .filter((name) => /^core(?:[.-]|$)/.test(name))
    .map((name) => join(place, name));
}

const swapWords = (): string =>
  readFileSync("/proc/swaps", "utf8")
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.split(/\s+/)[0])
    .join(", ");
