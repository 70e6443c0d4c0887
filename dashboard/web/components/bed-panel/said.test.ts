import { expect, test } from "vitest";
import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import type { ConsentState } from "../../../../edge-agent/contract/words.ts";
import { bedTileFixtures, consentFixture } from "../bed-tile/fixtures.ts";
import { type Said, stillSaid } from "./said.ts";

const tile = (state: ConsentState, since: number | null): Tile => ({
  ...bedTileFixtures.calm,
  consents: [consentFixture("breathing-rate", state, { sinceUtcMs: since })],
});
const said = (now: ConsentState | null): Said => ({
  words: "Offered.",
  about: { purpose: "breathing-rate", before: { state: "withdrawn", sinceUtcMs: 1 }, now },
});

test("what was said of an offer stands before and while it is offered, and goes when the person decides", () => {
  expect(stillSaid(said("offered"), tile("withdrawn", 1))).toEqual(said("offered"));
  expect(stillSaid(said("offered"), tile("offered", 2))).toEqual(said("offered"));
  expect(stillSaid(said("offered"), tile("granted", 3))).toBeNull();
  expect(stillSaid(said("offered"), tile("withdrawn", 3))).toBeNull();
});

test("a refusal stands until the consent changes, and goes with the stay", () => {
  expect(stillSaid(said(null), tile("withdrawn", 1))).toEqual(said(null));
  expect(stillSaid(said(null), tile("offered", 2))).toBeNull();
  expect(stillSaid(said(null), { ...tile("offered", 2), consents: [] })).toBeNull();
});

test("what speaks of no consent stays", () => {
  expect(stillSaid({ words: "No code", about: null }, tile("granted", 9))?.words).toBe("No code");
});
