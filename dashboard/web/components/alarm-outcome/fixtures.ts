import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import { bedTileFixtures } from "../bed-tile/fixtures.ts";

const { calm } = bedTileFixtures;
const went = { name: "Sam Reed", at: calm.at - 240_000 };
const leftBed: Tile["toClose"][number] = {
  id: "over-made-up-1",
  condition: "left-bed",
  raisedAt: calm.at - 300_000,
  acknowledged: went,
};

/** Alarms that are over, and of which nobody has said how they ended. */
export const outcomeFixtures = {
  one: { ...calm, toClose: [leftBed] },
  two: {
    ...calm,
    toClose: [
      leftBed,
      {
        id: "over-made-up-2",
        condition: "on-floor",
        raisedAt: calm.at - 900_000,
        acknowledged: { name: "Amina Khan", at: calm.at - 880_000 },
      },
    ],
  },
} as const satisfies Record<string, Tile>;
