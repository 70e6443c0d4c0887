import type { BedsideView } from "../../../../edge-agent/contract/live.ts";
import type { ConsentState, Purpose, SensorState } from "../../../../edge-agent/contract/words.ts";

/* Named states of the bedside screen, made up; shown by the demonstration page, the screenshots and the accessibility test. */

export interface BedsideFixture {
  readonly view: BedsideView | null;
  readonly live: boolean;
  readonly wishing: readonly (readonly [Purpose, "on" | "off"])[];
}

function view(movement: ConsentState, breathing: ConsentState, sensor: SensorState): BedsideView {
  return {
    bedName: "Room 1",
    stay: "stay-made-up",
    demonstration: false,
    source: null,
    sensor,
    consents: [
      { purpose: "movement-alerts", state: movement },
      { purpose: "breathing-rate", state: breathing },
    ],
  };
}
const shown = (one: BedsideView | null): BedsideFixture => ({ view: one, live: true, wishing: [] });

export const bedsideFixtures = {
  "never-offered": shown(view("never-offered", "never-offered", "off")),
  offered: shown(view("offered", "offered", "off")),
  starting: shown(view("granted", "granted", "starting")),
  on: shown(view("granted", "granted", "on")),
  mixed: shown(view("granted", "offered", "on")),
  "turning-off": { view: view("granted", "granted", "on"), live: true, wishing: [["breathing-rate", "off"]] },
  off: shown(view("withdrawn", "withdrawn", "off")),
  ignored: shown(view("withdrawn", "withdrawn", "ignored")),
  unknown: shown(view("granted", "granted", "lost")),
  "not-live": { view: view("granted", "withdrawn", "on"), live: false, wishing: [] },
  "not-paired": shown(null),
} as const satisfies Record<string, BedsideFixture>;
