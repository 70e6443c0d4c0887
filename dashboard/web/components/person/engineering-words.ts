import type { Tile } from "../../../../edge-agent/contract/tile.ts";
import type { DropReason } from "../../../../edge-agent/contract/words.ts";

const dropWords: Readonly<Record<DropReason, string>> = {
  "no-lease": "without consent",
  malformed: "malformed",
  "unknown-version": "of an unknown version",
  "too-large": "too large",
  "wrong-topic": "on a wrong topic",
  late: "too old",
  repeated: "repeated",
  "queue-full": "too many at once",
  "not-unpacked": "not readable after packing",
  "sensor-unsound": "from a sensor that cannot be believed",
};

/** What an engineer reads off first: is the sensor's data used, and if not, why. */
export function engineeringWords({ engineering }: Tile): string[] {
  const { framesAccepted, dropped, inferences, inferenceMs, inferencesLate } = engineering;
  const drops = (Object.keys(dropWords) as DropReason[]).flatMap((why) => {
    const count = dropped[why] ?? 0;
    return count === 0 ? [] : [`${count.toLocaleString("en-GB")} ${dropWords[why]}`];
  });
  const took = inferenceMs === null ? "" : `, the last took ${inferenceMs.toFixed(1)} ms`;
  return [
    `Frames used: ${framesAccepted.toLocaleString("en-GB")}. Frames refused: ${drops.length === 0 ? "none" : drops.join(", ")}.`,
    `Answers of the model: ${inferences.toLocaleString("en-GB")}, ${inferencesLate} late${took}.`,
  ];
}
