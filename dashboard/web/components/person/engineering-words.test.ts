import { describe, expect, it } from "vitest";
import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import { engineeringWords } from "./engineering-words.ts";

const engineering = {
  framesAccepted: 5_220,
  dropped: {},
  inferences: 261,
  inferenceMs: 1.66,
  inferencesLate: 0,
  windowEndMs: 261_000,
};
const words = (more: Partial<Tile["engineering"]>) =>
  engineeringWords({ engineering: { ...engineering, ...more } } as Tile);

describe("counters for the engineer", () => {
  it("say what was used and what was refused, by reason, and only reasons that happened", () => {
    expect(words({})[0]).toBe("Frames used: 5,220. Frames refused: none.");
    expect(words({ dropped: { malformed: 3, "no-lease": 1_200, repeated: 0 } })[0]).toBe(
      "Frames used: 5,220. Frames refused: 1,200 without consent, 3 malformed.",
    );
  });
  it("say how the model keeps up", () => {
    expect(words({})[1]).toBe("Answers of the model: 261, 0 late, the last took 1.7 ms.");
    expect(words({ inferenceMs: null, inferences: 0 })[1]).toBe("Answers of the model: 0, 0 late.");
  });
});
