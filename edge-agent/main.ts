import "./platform/node-version.ts";
import "./platform/heap-pace.ts";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readManifest } from "./audit/manifest.ts";
import { readVkey } from "./audit/note.ts";
import { checkRelease, releaseKey, releaseVersion } from "./audit/release.ts";
import { BrokerError } from "./broker/broker.ts";
import { openBrokers } from "./broker/open-brokers.ts";
import { roomOfSite } from "./care/room-of-site.ts";
import { audioAt, audioOn, pauseAudio, turnAudioOff } from "./care/ward-audio.ts";
import type { Answer } from "./contract/asks.ts";
import type { Stamp } from "./contract/audit-entry.ts";
import { DisplacementCalibrated } from "./contract/calibration.ts";
import { envelopeBytesMax } from "./contract/frames.ts";
import { agentSocket } from "./contract/release-state.ts";
import { chainTestMs } from "./contract/self-test.ts";
import { readFrameTopic, topics } from "./contract/topics.ts";
import { monoMs } from "./contract/units.ts";
import { AgentMetrics } from "./io/agent-metrics.ts";
import { AskDesk } from "./io/ask-desk.ts";
import { BridgeTeller } from "./io/bridge-teller.ts";
import { BytesOut } from "./io/bytes-out.ts";
import { unpackDepth } from "./io/depth-unpack.ts";
import { hearControl } from "./io/hear-control.ts";
import { InferenceThread } from "./io/inference.ts";
import { LeaseOffice } from "./io/lease-office.ts";
import { LeaseRefusals } from "./io/lease-refusals.ts";
import { ModelError, type ModelFile, readModel, sha256OfAll } from "./io/model-file.ts";
import { PackagesWatch } from "./io/packages-watch.ts";
import { startPurging } from "./io/purge-job.ts";
import { assessmentRefusal } from "./io/read-assessment.ts";
import { ReleaseDesk } from "./io/release-desk.ts";
import { checkedRelease, keepAccepted } from "./io/release-manifest.ts";
import { releaseRefusal } from "./io/release-refusal.ts";
import { placesOf } from "./io/site-places.ts";
import { startEntries } from "./io/start-entries.ts";
import { startWords, storeWords } from "./io/store-words.ts";
import { UnitAlarm } from "./io/unit-alarm.ts";
import { takeUpdateNotes } from "./io/update-notes.ts";
import { WardDesk } from "./io/ward-desk.ts";
import { WhatIfThread } from "./io/what-if-thread.ts";
import { ReserveFile } from "./io/withdrawal-reserve.ts";
import { Loop } from "./loop.ts";
import { displacementModelName } from "./perception/displacement-rate.ts";
import { type ModelPlan, modelsFor } from "./perception/room-perception.ts";
import { brokerLogin } from "./platform/broker-login.ts";
import { systemClock, watchClock } from "./platform/clock.ts";
import { connectBroker } from "./platform/connect.ts";
import { readStationKey, secretFor } from "./platform/keys.ts";
import { newLog } from "./platform/log.ts";
import { keepMemoryOffDisk } from "./platform/memory-on-disk.ts";
import { newMetrics, openMetricsDoor } from "./platform/metrics-door.ts";
import { endWithParent } from "./platform/parent.ts";
import { readSiteConfig } from "./platform/read-config.ts";
import { openStateDoor } from "./platform/state-door.ts";
import { stopOnSignals } from "./platform/stop.ts";
import { readTimeSync, watchTimeSync } from "./platform/time-sync.ts";
import type { WardStore } from "./ports.ts";
import { openWard, recordsOfSite } from "./records/open-ward.ts";
import { hopelessCodes, StoreError } from "./records/store-error.ts";

/*
 * Composition root of the agent: both roles, unit and station, in one process, with the embedded brokers or beside the site's own. Everything is
 * built here and nowhere else.
 */

const usage =
  "edge-agent/main.ts --config FILE --data DIR [--check: opens all of it, over a copy of the records, and ends]";
const { values: options } = parseArgs({
  options: { config: { type: "string" }, data: { type: "string" }, check: { type: "boolean", default: false } },
});
if (options.config === undefined || options.data === undefined) {
  process.stderr.write(`usage: ${usage}\n`);
  process.exit(2);
}
const root = fileURLToPath(new URL("..", import.meta.url));
const dataDir = options.data;
const log = keepMemoryOffDisk(newLog("agent"));
const { site, sha256: cfgSha256 } = readSiteConfig(options.config);
const configFile = options.config;
const release = checkedRelease({ configFile, dataDir, root }, site, (list, note, vkey) => {
  const key = readVkey(vkey.trim());
  return readManifest("release", { list, note }, key === undefined ? [] : [key]);
});
const refusal =
  (release.ok ? null : release.words) ??
  assessmentRefusal(configFile, site) ??
  releaseRefusal(configFile, site, (note) => checkRelease(note, releaseVersion, releaseKey));
if (refusal !== null) {
  process.stderr.write(`${refusal}\n`);
  process.exit(2);
}
const { signal, stop } = stopOnSignals();
endWithParent(() => stop("the supervisor is gone"));

const sensorModels = site.beds.flatMap(({ sensors }) => sensors.map(({ model }) => model));
const models = orRefuse(() => modelsFor(sensorModels).map(readModelOf));
const clock = systemClock;
const stamp = (): Stamp => ({ utcMs: clock.utcMs(), monoNs: clock.monoNs() });
const stationKey = readStationKey(dataDir);

const wardFile = join(dataDir, "ward.sqlite");
const reserve = new ReserveFile(join(dataDir, "withdrawals.reserve"), log);
reserve.start({ records: existsSync(wardFile) ? "old" : "new" });
const boot = randomUUID();
const records = orRefuse(() =>
  openWard(wardFile, {
    domain: site.auditDomain,
    key: stationKey,
    boot,
    cfgSha256,
    modelSha256: sha256OfAll(models),
    stamp: stamp(),
    ...recordsOfSite(site),
  }),
);
records.commit(startEntries(cfgSha256, models, release.ok ? release.number : null), [], stamp());
if (release.ok) keepAccepted(dataDir, release.number);
const takeNotes = (): void => takeUpdateNotes(dataDir, (entries) => records.commit(entries, [], stamp()));
takeNotes();
const endPurging = startPurging(records, site.retention, stamp, log);

reserve.settle(
  records,
  site.beds.map(({ bed }) => bed),
  stamp(),
);
const registry = newMetrics();
const metrics: AgentMetrics = new AgentMetrics(
  registry,
  (bed) => loop.waiting(bed),
  () => loop.coreMs,
);
const store: WardStore = {
  commit: (intents, rows, at) => metrics.committed(() => records.commit(intents, rows, at)),
  restoreRoom: (bed) => reserve.apply(records.restoreRoom(bed)),
};

const paths = Object.fromEntries(models.map(({ name, path }) => [name, path]));
const thread = new InferenceThread(paths, newLog("model"));
await thread.start();
// Everything that a start needs was opened: an update asks this of a release before anything is stopped for it.
if (options.check) endCheck();

const whatIfs = new WhatIfThread(wardFile, site, newLog("what-if"));

const office = new LeaseOffice({
  privateKey: stationKey.privateKey,
  clock,
  clockSpeed: site.clockSpeed,
  beds: site.beds.map(({ bed, device, sensors }) => ({ bed, device, sensors: sensors.map(({ sensor }) => sensor) })),
});
const { placeOf, devices } = placesOf(site);
const beds = site.beds.map(({ bed }) => bed);
const number = release.ok ? release.number : null;
const releases = new ReleaseDesk({ release: number, boot, beds, takeNotes });
const packages = new PackagesWatch({
  ...{ root, configFile, release: number, log },
  write: (entry) => records.commit([entry], [], stamp()),
});

const box = new UnitAlarm({ relayFile: site.alarms.relayFile, log });
const wardMs = () => monoMs(clock.monoMs() * site.clockSpeed);
const bytesOut = new BytesOut(site.limits.bytesOutPerRoomHour, wardMs, (bed) =>
  log.error({ bed }, "more about this room went out than a ward may need: what is sensed there is held back"),
);
const topic = topics(site);
const bridges = new BridgeTeller(() => control, topic.lease, log);
const loop = new Loop({
  rooms: site.beds.map((bed) =>
    roomOfSite(site, bed, {
      promptSeed: secretFor(stationKey.privateKey, `prompts of checks at ${bed.bed}`),
      calibration: Object.fromEntries(models.map(({ name, card }) => [name, card.calibrated])),
    }),
  ),
  store,
  reserve,
  frameQueueMax: site.limits.frameQueueMax,
  now: () => ({ at: wardMs(), utcMs: clock.utcMs(), monoNs: clock.monoNs() }),
  onStore: storeWords(log),
  shell: {
    lease: (wanted) => {
      const told = office.issue(wanted);
      brokers.leasesChanged();
      bridges.tell(told);
    },
    stopSensor: (bed, number) => {
      const told = office.stop(bed, number);
      brokers.leasesChanged();
      bridges.tell(told);
    },
    infer: (bed, request, model, tensors) => {
      thread.run(model, tensors).then(
        ({ outputs, tookMs, cpuMs }) => {
          metrics.inferred(bed, tookMs, cpuMs);
          loop.feedSoon(bed, { kind: "inferred", request, outputs, tookMs });
        },
        (cause: unknown) => {
          log.error({ bed, model, cause: String(cause) }, "inference failed");
          loop.feed(bed, { kind: "inference-failed", request });
        },
      );
    },
    unpack: (bed, { request, png, widthPx, heightPx }) => {
      unpackDepth(png, widthPx, heightPx).then(
        (mm) => loop.feed(bed, { kind: "unpacked", request, mm }),
        (cause: unknown) => {
          log.warn({ bed, cause: String(cause) }, "a packed depth frame was refused");
          loop.feed(bed, { kind: "unpack-failed", request });
        },
      );
    },
    publish: (told) => {
      const said = bytesOut.say(told);
      box.follow(told);
      metrics.follow(said?.tile ?? told);
      releases.follow(told);
      if (said !== null) void control.publish(topic.live(told.bed), said.json, { qos: 0, dropWhenOffline: true });
    },
    estimate: (bed, estimate) => log.debug({ bed, ...estimate }, "estimate"),
    answer: (answer) => desk.answer(answer),
  },
});

const listening = new Set<"frames" | "control">();
const brokers = await openBrokers({
  ...site.brokers,
  ward: site,
  dataDir,
  devices,
  admits: (device, sensor) => office.admits(device, sensor),
  attended: () => listening.size === 2,
  onDrop: (why, device) => {
    metrics.brokerRefused(device, why);
    for (const { bed } of site.beds.filter((place) => place.device === device)) loop.countDropped(bed, why);
  },
  log: newLog("broker"),
}).catch(refuseToStart);
const link = (port: number) => connectBroker({ ...brokerLogin(site.brokers, port, dataDir, "agent"), log });
const frames = link(brokers.framesPort);
const control = link(brokers.controlPort);

const refusals = new LeaseRefusals(clock, log, (entry) => records.commit([entry], [], stamp()));
const ward = new WardDesk({
  records,
  policy: site.alarms,
  devices: devices.map(({ device }) => device),
  askUnit: (device, test) => {
    control.publish(topic.selfTest(device), JSON.stringify(test), { qos: 1, timeoutMs: chainTestMs }).then((result) => {
      if (result !== "sent") log.warn({ device, result }, "a bedroom unit could not be asked to test the alarm chain");
    });
  },
  rules: { at: audioAt, pause: pauseAudio, off: turnAudioOff, on: audioOn },
  stamp,
  differing: () => packages.differing,
  publish: (state) => void control.publish(topic.wardState, JSON.stringify(state), { qos: 0, dropWhenOffline: true }),
});
const desk = new AskDesk({
  ...{ records, ward, stamp, beds },
  whatIf: (of) => whatIfs.ask(of),
  codeSignsIn: site.demonstration,
  shiftMs: site.staff.shiftHours * 3_600_000,
  oidc: site.dashboard.oidc,
  idleLockMs: site.staff.idleLockMinutes * 60_000,
  agencyDaysMax: site.staff.agencyDaysMax,
  toRoom: (bed, ask) => loop.feed(bed, { kind: "ask", ...ask }),
  onShown: ({ bed, id, raisedAt }) =>
    loop.feed(bed, { kind: "alarms-shown", shown: [{ id, raisedAtUtcMs: raisedAt }] }),
  send: (client, answer: Answer) => {
    control.publish(topic.answer(client), JSON.stringify(answer), { qos: 1 }).then((result) => {
      if (result !== "sent") log.warn({ client, result }, "an answer could not be delivered");
    });
  },
  log,
});

frames.subscribe(topic.anyFrame, 0, (name, payload) => {
  const from = readFrameTopic(site, name);
  const place = from === undefined ? undefined : placeOf.get(`${from.device}/${from.sensor}`);
  if (from === undefined || place === undefined) {
    return log.warn({ topic: name }, "a frame on an unknown topic was dropped");
  }
  const { bed, kind } = place;
  if (from.kind !== kind) return loop.countDropped(bed, "wrong-topic");
  if (payload.length > envelopeBytesMax) return loop.countDropped(bed, "too-large");
  loop.offerFrame(bed, from.sensor, new Uint8Array(payload));
  payload.fill(0);
});
hearControl(control, {
  ...{ site, placeOf, refusals, log },
  onStatus: (bed, status) => loop.feedSoon(bed, status),
  onTested: (tested) => ward.hearUnit(tested),
  onAsk: (client, payload) => desk.receive(client, payload),
});

for (const [name, its] of [
  ["frames", frames],
  ["control", control],
] as const) {
  its.onState((state) => void (state === "connected" ? listening.add(name) : listening.delete(name)));
}

watchClock(
  clock,
  (fault) => {
    log.error({ ...fault }, "the clock stepped: sensing stops until it is steady");
    loop.feedAll({ kind: "clock", steppedMs: Math.round(fault.steppedMs) });
  },
  signal,
);

watchTimeSync(readTimeSync, (entry) => records.commit([entry], [], stamp()), log, signal);

box.start();
loop.start();
const ticking = setInterval(() => metrics.ticked(() => loop.tick() / site.clockSpeed), 1_000 / site.clockSpeed);
const closeMetrics = await openMetricsDoor(registry, site.metrics.agentPort, log);
const closeState = await openStateDoor(join(dataDir, agentSocket), () => releases.state(), log);
const telling = setInterval(() => tellWard(), 1_000);
const checkpointing = setInterval(() => {
  try {
    records.checkpointIfDirty();
  } catch (cause) {
    log.error({ cause: String(cause) }, "no checkpoint could be written");
  }
}, 1_000);
packages.start();
log.info({ framesPort: brokers.framesPort, controlPort: brokers.controlPort, beds: site.beds.length }, "agent running");

const end = async (): Promise<void> => {
  log.info({ why: String(signal.reason) }, "agent stopping");
  clearInterval(ticking);
  clearInterval(telling);
  endPurging();
  clearInterval(checkpointing);
  loop.stop();
  // A bridge stops by itself when its lease ends; being told is quicker.
  await bridges.settled();
  await Promise.all([
    frames.stop(),
    control.stop(),
    thread.stop(),
    whatIfs.stop(),
    packages.stop(),
    box.stop(),
    closeMetrics(),
    closeState(),
  ]);
  await brokers.stop();
  records.close();
  process.exit(0);
};
// It may have been told while it was starting.
if (signal.aborted) void end();
else signal.addEventListener("abort", () => void end());

function readModelOf({ name, inputs, outputs }: ModelPlan): ModelFile & { readonly name: string } {
  const folder = join(root, "models", name);
  const calibrated = name === displacementModelName ? DisplacementCalibrated : undefined;
  return { name, ...readModel(folder, inputs, outputs, calibrated) };
}

function endCheck(): never {
  records.close();
  process.stdout.write(`${JSON.stringify({ release: release.ok ? release.number : null })}\n`);
  process.exit(0);
}

function tellWard(): void {
  try {
    ward.tell();
  } catch (cause) {
    log.error({ cause: String(cause) }, "who is on duty cannot be read");
  }
}

/** What starting again would not mend ends the process with words and code 2; the rest is thrown, and the supervisor tries again. */
function refuseToStart(cause: unknown): never {
  const hopeless =
    cause instanceof ModelError ||
    cause instanceof BrokerError ||
    (cause instanceof StoreError && hopelessCodes.includes(cause.code));
  if (!hopeless) throw cause;
  process.stderr.write(`${startWords(cause)}\n`);
  process.exit(2);
}

function orRefuse<T>(start: () => T): T {
  try {
    return start();
  } catch (cause) {
    return refuseToStart(cause);
  }
}
