import type { ShownRate, Tile } from "../../../../edge-agent/contract/tile.ts";
import type { NoRateReason, Purpose, SensorState } from "../../../../edge-agent/contract/words.ts";
import { lengthWords } from "../../age-words.ts";

/** Why a bed is not monitored, for staff. */
export const notMonitoredWords: Readonly<Record<NonNullable<Tile["notMonitored"]>, string>> = {
  "no-consent": "Nothing is turned on for this person",
  "sensor-off": "The sensor is off",
  "sensor-ignored": "The sensor is not read",
  "sensor-starting": "The sensor is starting",
  "sensor-lost": "No connection to the sensor",
  "sensor-unsound": "The sensor is covered, moved or faulty: check it",
  stale: "The sensor's data are too old",
  clock: "The clock of the ward computer cannot be trusted",
  audit: "The audit log cannot be written",
  model: "The breathing model is not working",
  undelivered: "An alarm of this room did not reach any screen",
  "recording-ended": "The recording has ended",
  "too-much-sent": "More went out than a ward may need: held back",
};

export const noRateWords: Readonly<Record<NoRateReason, string>> = {
  "not-consented": "Breathing rate is not turned on",
  "sensor-off": "Sensor off: no rate",
  "sensor-lost": "Sensor lost: no rate",
  "recording-ended": "Recording ended: no rate",
  stale: "Data too old: no rate",
  "frame-rate": "Sensor sends at the wrong speed: no rate",
  "sensor-settings": "Wrong sensor settings: no rate",
  "sensor-unsound": "Sensor covered, moved or faulty: no rate",
  frozen: "Sensor repeats itself: no rate",
  saturated: "Signal too strong for the sensor: no rate",
  gaps: "Data with gaps: no rate",
  "model-failed": "Model not working: no rate",
  learning: "No rate yet: about 15 s more of lying still",
  "nobody-in-bed": "Nobody in bed: no rate",
  "more-than-one-person": "More than one person: no rate",
  moving: "Moving: no rate while moving",
  "no-breathing-sensor": "This room's sensors do not measure breathing",
  "no-occupancy-sensor": "No sensor tells who is in the bed: no rate",
  "no-natural-movement": "No movement seen yet: could be a fan, no rate",
  "not-breathing": "No breathing seen: check in person",
  "cannot-see-breathing": "Can't see breathing: no rate",
  "sources-disagree": "Signal not clear: no rate",
  "weak-signal": "Weak signal: no rate",
  withheld: "No rate at the moment",
};

/** As the bridge last confirmed it; what is not known is never called off. */
export const sensorWords: Readonly<Record<SensorState, string>> = {
  off: "The sensor is off",
  ignored: "The sensor cannot be switched off and is not read",
  on: "The sensor is still on",
  starting: "The sensor is starting",
  stopping: "The sensor is stopping",
  unknown: "Not confirmed that the sensor is off",
  lost: "Not confirmed that the sensor is off",
  "recording-ended": "The recording has ended",
};

export const purposeNames: Readonly<Record<Purpose, string>> = {
  "movement-alerts": "Movement alerts",
  "night-report": "Night report",
  "activity-summary": "Activity summary",
  "incident-review": "Incident review",
  "breathing-rate": "Breathing rate",
};

/** Outward, so that the whole numbers hold at least what the 90 % interval held. */
export function intervalWords({ lowPerMin, highPerMin }: ShownRate): string {
  return `${Math.floor(lowPerMin)} to ${Math.ceil(highPerMin)}`;
}

/** Movement as the model gives it, 0 to 100, in three words. */
function movementWord(movement: number): string {
  if (movement < 20) return "Still";
  return movement < 60 ? "Moving a little" : "Moving";
}

/** "In bed for 12 min. Still.": the time is that of lying in bed or of the empty bed, not of keeping still. */
export function movementWords({ occupancy, movement, inStateMs }: NonNullable<Tile["movement"]>): string {
  const since = inStateMs >= 1_000 ? ` for ${lengthWords(inStateMs)}` : "";
  switch (occupancy) {
    case "unknown":
      return "Can't tell who is in bed";
    case "empty":
      return `Bed empty${since}`;
    case "in-bed":
      return movement === null ? `In bed${since}` : `In bed${since}. ${movementWord(movement)}.`;
  }
}
