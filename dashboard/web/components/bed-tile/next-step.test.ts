import { expect, test } from "vitest";
import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import { allowingStates, ConsentState, sensingPurposes } from "../../../../edge-agent/contract/words.ts";
import { bedView } from "./bed-view.ts";
import { bedTileFixtures, consentFixture } from "./fixtures.ts";
import { alive, dueWords, restingWords, sensing } from "./next-step.ts";

const tile = (...consents: Tile["consents"]): Tile => ({ ...bedTileFixtures.off, consents });
const movement = (state: ConsentState, change: Partial<Tile["consents"][number]> = {}) =>
  consentFixture("movement-alerts", state, change);

test("the lists are those of the contract", () => {
  expect(sensing).toEqual(sensingPurposes);
  expect(alive).toEqual([...allowingStates, "paused"]);
});

test("a bed at rest says why, and what comes next, in one line", () => {
  expect(restingWords(tile(movement("never-offered")))).toEqual(["Nothing offered yet"]);
  expect(restingWords(tile(movement("offered")))).toEqual(["Offered: the person decides"]);
  expect(restingWords(tile(movement("refused", { personSaidNo: true })))).toEqual([
    "The person’s choice. Nothing to do",
  ]);
  expect(restingWords(tile(movement("withdrawn", { personSaidNo: true })))).toEqual([
    "The person’s choice. Nothing to do",
  ]);
  expect(restingWords(tile(movement("withdrawn")))).toEqual(["Turned off. Offer it again when it helps"]);
  expect(restingWords(tile(movement("expired")))).toEqual(["Ended at its time. Offer it again by day, if it helps"]);
  const hours = { fromHour: 22, toHour: 7 };
  expect(restingWords(tile(movement("granted", { outOfHours: true, hours })))).toEqual([
    "Agreed for other hours: on again from 22:00",
  ]);
  const pause = { untilUtcMs: Date.UTC(2026, 10, 23, 2, 45), from: "granted" } as const;
  expect(restingWords(tile(movement("paused", { pause })))[0]).toMatch(
    /^Paused until \d\d:45, then on again by itself$/,
  );
});

test.each(ConsentState.options)("%s looks neutral on the board where nothing is sensed", (state) => {
  const of = tile(movement(state, { personSaidNo: state === "refused" }));
  const view = bedView({ bed: "room-1", name: "Room 1", heard: { tile: of, heardAtMs: 0 } }, 0, true);
  expect(view).toMatchObject({ look: "in-person", state: "In-person checks only", alarm: null });
});

test("what is due is one quiet line, of what is alive only, the soonest first", () => {
  const due = (state: ConsentState, what: "review" | "ask-again" | null, untilUtcMs = 0) =>
    movement(state, { due: what, untilUtcMs });
  expect(dueWords(tile(due("granted", null)))).toBeNull();
  expect(dueWords(tile(due("granted", "ask-again")))).toBe("Ask the person if it is still all right");
  expect(
    dueWords(
      tile(due("granted", "review", Date.UTC(2026, 0, 1, 9)), due("paused", "review", Date.UTC(2026, 0, 1, 8, 30))),
    ),
  ).toMatch(/^Review consent by \d\d:30$/);
  expect(dueWords(tile(due("withdrawn", "review")))).toBeNull();
});
