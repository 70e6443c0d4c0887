import type { BedsidePurpose, BedsideView, OpenedNow } from "../../../../edge-agent/contract/live.ts";
import { type ConsentState, type Purpose, purposes, type SensorState } from "../../../../edge-agent/contract/words.ts";
import type { BedsideAct } from "./wishes.ts";

/* Named states of the bedside screen, made up; shown by the demonstration page, the screenshots and the accessibility test. */

export interface BedsideFixture {
  readonly view: BedsideView | null;
  readonly live: boolean;
  readonly wishing: readonly BedsideAct[];
}

/** Sunday 22 November 2026, 21:04 in London. */
export const fixtureUtcMs = Date.UTC(2026, 10, 22, 21, 4);
const hourMs = 3_600_000;

export function purposeFixture(
  purpose: Purpose,
  state: ConsentState,
  change: Partial<BedsidePurpose> = {},
): BedsidePurpose {
  const asked = state !== "never-offered";
  return {
    purpose,
    state,
    sinceUtcMs: asked ? fixtureUtcMs - hourMs : null,
    untilUtcMs: asked ? fixtureUtcMs + 144 * hourMs : null,
    pauseUntilUtcMs: state === "paused" ? fixtureUtcMs + 14.4 * 60_000 : null,
    hours: null,
    outOfHours: false,
    askAgain: false,
    mayTurnOn: state === "offered" || state === "withdrawn" || state === "refused",
    ...change,
  };
}

export function bedsideViewFixture(
  states: Partial<Record<Purpose, ConsentState>>,
  sensor: SensorState,
  change: Partial<BedsideView> = {},
): BedsideView {
  return {
    bedName: "Room 1",
    stay: "stay-made-up",
    demonstration: false,
    source: null,
    sensor,
    senses: ["radar"],
    needs: { language: "en", readAloud: false, largeText: false },
    consents: purposes.map((purpose) => purposeFixture(purpose, states[purpose] ?? "never-offered")),
    openedBy: [],
    ...change,
  };
}

const both = (
  movement: ConsentState,
  breathing: ConsentState,
  sensor: SensorState,
  change: Partial<BedsideView> = {},
) => bedsideViewFixture({ "movement-alerts": movement, "breathing-rate": breathing }, sensor, change);
const shown = <V extends BedsideView | null>(view: V) => ({ view, live: true, wishing: [] as readonly BedsideAct[] });
const changed = (view: BedsideView, purpose: Purpose, change: Partial<BedsidePurpose>): BedsideView => ({
  ...view,
  consents: view.consents.map((one) => (one.purpose === purpose ? { ...one, ...change } : one)),
});

const aNurse: OpenedNow = { role: "nurse", name: null, sinceUtcMs: fixtureUtcMs - 30_000 };
const on = both("granted", "granted", "on");

export const bedsideFixtures = {
  "never-offered": shown(both("never-offered", "never-offered", "off")),
  offered: shown(both("never-offered", "offered", "off")),
  "offered-two": shown(both("offered", "offered", "off")),
  starting: shown(both("granted", "granted", "starting")),
  on: shown(on),
  opened: shown({ ...on, openedBy: [aNurse] }),
  mixed: shown(both("granted", "offered", "on")),
  "every-purpose": shown(
    bedsideViewFixture(
      {
        "movement-alerts": "granted",
        "breathing-rate": "granted",
        "night-report": "granted",
        "activity-summary": "refused",
        "incident-review": "expired",
      },
      "on",
    ),
  ),
  "ask-again": shown(changed(on, "breathing-rate", { askAgain: true })),
  "best-interests": shown(both("best-interests", "never-offered", "on")),
  "out-of-hours": shown(
    changed(both("never-offered", "granted", "off"), "breathing-rate", {
      hours: { fromHour: 22, toHour: 7 },
      outOfHours: true,
    }),
  ),
  paused: shown(both("paused", "paused", "off")),
  stopping: { view: on, live: true, wishing: [{ do: "stop-everything" }] },
  "turning-off": { view: on, live: true, wishing: [{ do: "turn-off", purpose: "breathing-rate" }] },
  off: shown(both("withdrawn", "withdrawn", "off")),
  depth: shown(both("granted", "granted", "on", { senses: ["radar", "depth"] })),
  ignored: shown(both("withdrawn", "withdrawn", "ignored")),
  unknown: shown(both("granted", "granted", "lost")),
  "not-live": { view: both("granted", "withdrawn", "on"), live: false, wishing: [] },
  "not-paired": shown(null),
} as const satisfies Record<string, BedsideFixture>;
