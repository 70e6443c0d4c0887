import type { Effect } from "../contract/door.ts";
import { elapsedMs, type MonoMs } from "../contract/units.ts";
import { type SensorState, unsound } from "../contract/words.ts";
import { type Room, type RoomConfig, sensingOf } from "./room.ts";
import { sensorLost } from "./sensing.ts";
import { sensorStateAudit } from "./trail.ts";

/*
 * What the bridge says of each sensor of a room, and of all of them together. One that is lost does not stop the others:
 * the room goes on with what is left, and its alarm says what is not.
 */

/** At most one entry a second about a sensor's state: a bridge that flaps, or lies, cannot flood the log or the lease. */
export const sensorEntryEveryMs = 1_000;

/** The first that any sensor is in, is told of all: a patient must never read "off" while one is on. */
const loudestFirst: readonly SensorState[] = [
  "on",
  "starting",
  "stopping",
  "lost",
  "unknown",
  "ignored",
  "recording-ended",
  "off",
];

export type SensorWord = Room["sensors"][string];

export const wordOf = (room: Room, sensor: string): SensorWord | undefined => room.sensors[sensor];

export function withWord(room: Room, sensor: string, word: SensorWord): Room {
  const sensors = { ...room.sensors, [sensor]: word };
  return { ...room, sensors, sensor: together(sensors) };
}

function together(sensors: Room["sensors"]): Room["sensor"] {
  const words = Object.entries(sensors);
  const state = loudestFirst.find((one) => words.some(([, word]) => word.state === one)) ?? "unknown";
  const [only] = words;
  const detail =
    words.length === 1 && only !== undefined
      ? only[1].detail
      : words.map(([sensor, word]) => `${sensor} ${word.state}: ${word.detail}`).join("; ");
  const health = words.find(([, word]) => word.health !== "ok")?.[1].health ?? "ok";
  return { state, detail, health, unwritten: 0 };
}

/** The bridge spoke of a sensor. Entries follow with `enterSensorStates`. */
export function hearSensor(
  room: Room,
  sensor: string,
  { state, detail, health, at }: Pick<SensorWord, "state" | "detail" | "health"> & { readonly at: MonoMs },
): Room {
  const word = wordOf(room, sensor);
  if (word === undefined) return room;
  return withWord(room, sensor, {
    ...word,
    state,
    detail,
    health,
    soundSince: unsound.includes(word.health) && !unsound.includes(health) ? at : word.soundSince,
    unwritten: word.unwritten + (word.state === state && word.health === health ? 0 : 1),
  });
}

export function enterSensorStates(
  room: Room,
  config: RoomConfig,
  at: MonoMs,
): { room: Room; effects: readonly Effect[] } {
  let next = room;
  const effects: Effect[] = [];
  for (const [sensor, word] of Object.entries(room.sensors)) {
    const due = word.entryAt === null || elapsedMs(word.entryAt, at) >= sensorEntryEveryMs;
    if (word.unwritten === 0 || !due) continue;
    // The change that this entry tells is not one between.
    effects.push(named(sensor, config, { ...next, sensor: { ...word, unwritten: word.unwritten - 1 } }));
    next = withWord(next, sensor, { ...word, entryAt: at, unwritten: 0 });
  }
  return { room: next, effects };
}

function named(sensor: string, config: RoomConfig, room: Room): Effect {
  const effect = sensorStateAudit(config, room);
  if (effect.kind !== "audit" || config.sensors.length === 1) return effect;
  return { ...effect, intent: { ...effect.intent, detail: { ...effect.intent.detail, which: sensor } } };
}

/** The room as the technical alarm sees it: through a sensor that is lost, where there is one. */
export function throughLostSensor(room: Room, config: RoomConfig, at: MonoMs): Room {
  for (const [sensor, word] of Object.entries(room.sensors)) {
    const seen: Room = { ...room, sensor: word, sensors: { [sensor]: word }, newestFrameAt: word.newestFrameAt };
    if (sensorLost(sensingOf(seen, at), config.limits, at)) return seen;
  }
  return room;
}
