import { commonNeeds, neverOffered } from "../../../../edge-agent/contract/consent.ts";
import { nothingOrdered } from "../../../../edge-agent/contract/people.ts";
import type { Tile, TileAlarm } from "../../../../edge-agent/contract/tile.ts";
import type { ConsentState, Purpose } from "../../../../edge-agent/contract/words.ts";

/*
 * Named states of one bed, made up. The demonstration page, the screenshots and the accessibility test show the same ones.
 */

const at = Date.UTC(2026, 10, 22, 2, 14);

function consents(movement: ConsentState, breathing: ConsentState): Tile["consents"] {
  return [consentFixture("movement-alerts", movement), consentFixture("breathing-rate", breathing)];
}

/** As the agent tells it an hour after it changed. */
export function consentFixture(
  purpose: Purpose,
  state: ConsentState,
  change: Partial<Tile["consents"][number]> = {},
): Tile["consents"][number] {
  const since = state === "never-offered" ? null : at - 3_600_000;
  const until = since === null ? null : at + 6 * 86_400_000;
  const held = { ...neverOffered, state, sinceUtcMs: since, untilUtcMs: until };
  return { ...held, purpose, due: null, outOfHours: false, ...change };
}

const rate = { perMin: 14.8, lowPerMin: 13.3, highPerMin: 15.9, quality: 0.97, windowMs: 20_000, ageMs: 400 };

const calm: Tile = {
  v: 1,
  bed: "room-1",
  bedName: "Room 1",
  at,
  stay: { id: "stay-made-up", label: "DEMONSTRATION", demonstration: false },
  needs: commonNeeds,
  checks: null,
  sedation: null,
  consents: consents("granted", "granted"),
  sensor: { state: "on", detail: "20 frames a second", model: "acconeer-a121", health: "ok" },
  source: null,
  notMonitored: null,
  dataAgeMs: 900,
  movement: { occupancy: "in-bed", movement: 3, inStateMs: 5_220_000, place: null },
  breathing: { rate, reason: null },
  alarms: [],
  toClose: [],
  order: {
    ...nothingOrdered,
    breathing: { lowPerMin: 8, highPerMin: 24, forMs: 30_000, qualityMin: 0 },
    leftBed: { afterMs: 600_000 },
    rateUnavailable: { afterMs: 300_000 },
    by: "Amina Khan",
    reason: "Started a new medicine that can slow breathing",
  },
  engineering: {
    framesAccepted: 104_400,
    dropped: {},
    inferences: 5_220,
    inferenceMs: 6.2,
    inferencesLate: 0,
    windowEndMs: 5_220_000,
  },
};

const alarm: TileAlarm = {
  id: "alarm-made-up-1",
  condition: "breathing-out-of-range",
  priority: "medium",
  technical: false,
  presence: "on",
  raisedAt: at - 42_000,
  clearedAt: null,
  acknowledged: null,
  audited: true,
  escalation: 0,
  shown: true,
};
const fastRate = { ...rate, perMin: 27.2, lowPerMin: 25.8, highPerMin: 28.4 };
const leftBed: TileAlarm = { ...alarm, id: "alarm-made-up-2", condition: "left-bed", raisedAt: at - 190_000 };
const lost: TileAlarm = {
  ...alarm,
  id: "alarm-made-up-3",
  condition: "sensor-lost",
  priority: "low",
  technical: true,
  raisedAt: at - 65_000,
};
const noRate = (reason: NonNullable<Tile["breathing"]["reason"]>): Tile["breathing"] => ({ rate: null, reason });
const unknownMovement = { occupancy: "unknown", movement: null, inStateMs: 0, place: null } as const;

export const bedTileFixtures = {
  calm,
  recording: {
    ...calm,
    source: "recording",
    breathing: { rate: { ...rate, perMin: 12.1, lowPerMin: 11, highPerMin: 13.2 }, reason: null },
  },
  moving: {
    ...calm,
    movement: { occupancy: "in-bed", movement: 88, inStateMs: 720_000, place: null },
    breathing: noRate("moving"),
  },
  empty: {
    ...calm,
    movement: { occupancy: "empty", movement: 1, inStateMs: 240_000, place: null },
    breathing: noRate("nobody-in-bed"),
  },
  learning: { ...calm, source: "simulated", movement: unknownMovement, breathing: noRate("learning") },
  movementOnly: { ...calm, consents: consents("granted", "offered"), breathing: noRate("not-consented") },
  breathingOnly: { ...calm, consents: consents("withdrawn", "granted"), movement: null },
  alarm: { ...calm, breathing: { rate: fastRate, reason: null }, alarms: [alarm] },
  acknowledged: {
    ...calm,
    breathing: { rate: fastRate, reason: null },
    alarms: [{ ...alarm, presence: "ack", acknowledged: { name: "Amina Khan", at: at - 12_000 } }],
  },
  latched: {
    ...calm,
    alarms: [{ ...leftBed, presence: "latched", clearedAt: at - 20_000 }],
  },
  notMonitored: {
    ...calm,
    sensor: { state: "lost", detail: "connection refused; next try in 2 s", model: "acconeer-a121", health: "ok" },
    notMonitored: "sensor-lost",
    dataAgeMs: 65_000,
    movement: unknownMovement,
    breathing: noRate("sensor-lost"),
    alarms: [lost],
  },
  unsound: {
    ...calm,
    sensor: {
      state: "on",
      detail: "covered: 3 % of the view is valid; streaming",
      model: "depth-camera",
      health: "covered",
    },
    notMonitored: "sensor-unsound",
    dataAgeMs: 14_000,
    movement: unknownMovement,
    breathing: noRate("sensor-unsound"),
  },
  stale: { ...calm, notMonitored: "stale", dataAgeMs: 7_200, movement: unknownMovement, breathing: noRate("stale") },
  off: {
    ...calm,
    consents: consents("withdrawn", "withdrawn"),
    sensor: { state: "off", detail: "stopped", model: "acconeer-a121", health: "ok" },
    notMonitored: "no-consent",
    dataAgeMs: null,
    movement: null,
    breathing: noRate("not-consented"),
  },
  neverOffered: {
    ...calm,
    consents: consents("never-offered", "never-offered"),
    sensor: { state: "off", detail: "stopped", model: "acconeer-a121", health: "ok" },
    notMonitored: "no-consent",
    dataAgeMs: null,
    movement: null,
    breathing: noRate("not-consented"),
    order: null,
  },
  vacant: {
    ...calm,
    stay: null,
    consents: [],
    sensor: { state: "off", detail: "stopped", model: "acconeer-a121", health: "ok" },
    notMonitored: "no-consent",
    dataAgeMs: null,
    movement: null,
    breathing: noRate("not-consented"),
    order: null,
  },
} as const satisfies Record<string, Tile>;

export type BedTileFixture = keyof typeof bedTileFixtures;

/** Wards of eight beds in floor order. */
export const wardFixtures: Readonly<Record<string, readonly BedTileFixture[]>> = {
  calm: ["calm", "recording", "calm", "off", "moving", "empty", "neverOffered", "vacant"],
  alarm: ["calm", "alarm", "notMonitored", "off", "moving", "latched", "neverOffered", "vacant"],
  acknowledged: ["calm", "acknowledged", "calm", "off", "breathingOnly", "empty", "movementOnly", "vacant"],
  "not-monitored": ["notMonitored", "calm", "stale", "off", "learning", "empty", "neverOffered", "vacant"],
  "paused-off": ["off", "calm", "off", "neverOffered", "breathingOnly", "empty", "neverOffered", "vacant"],
  stale: ["stale", "calm", "recording", "off", "stale", "empty", "neverOffered", "vacant"],
  "not-live": ["calm", "alarm", "calm", "off", "moving", "empty", "neverOffered", "vacant"],
};
