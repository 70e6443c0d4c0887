import type { ChainTest } from "../../../../edge-agent/contract/self-test.ts";
import { clockWords } from "../../age-words.ts";
import { type ElementSpec, h } from "../../render.ts";

/** So long a unit has to answer before it counts as silent. */
const answerWithinMs = 5_000;
/** After this a test says nothing of now. */
const toldForMs = 12 * 3_600_000;

/** What came of the newest test of the way from the bedrooms to here; nothing where there was none in this shift. */
export function chainLine(
  test: ChainTest | null,
  roomsOf: (device: string) => readonly string[],
  nowUtcMs: number,
): ElementSpec[] {
  if (test === null || nowUtcMs - test.atUtcMs > toldForMs) return [];
  const answered = test.units.filter(({ answeredAfterMs, decoded }) => answeredAfterMs !== null && decoded);
  const silent = test.units.filter((unit) => !answered.includes(unit));
  const waiting = nowUtcMs - test.atUtcMs < answerWithinMs;
  if (silent.length > 0 && !waiting) {
    const rooms = silent.flatMap(({ device }) => roomsOf(device)).join(", ");
    return [
      h(
        "p",
        { key: "silent", class: "qr-chain qr-chain--silent", role: "alert" },
        `No alarm can come from ${rooms}. Check in person, and call the engineer.`,
      ),
    ];
  }
  const words = `${answered.length} of ${test.units.length} bedroom units answered at ${clockWords(test.atUtcMs)}`;
  return [h("p", { key: "answered", class: "qr-chain" }, words)];
}
