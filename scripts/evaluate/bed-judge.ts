import type { Place } from "../../edge-agent/contract/scene.ts";
import type { Occupancy } from "../../edge-agent/contract/words.ts";
import type { Truth } from "../../firmware-bridge/simulator/stage.ts";
import type { RoomInstant, RoomPlay } from "./room-play.ts";

/* What a play says of the bed against what was true. Sitting on the edge is not having left. */

const framesPerSec = 20;
/** A bed that is left or taken for less than this changes nothing that anybody could act on. */
const stayMinSec = 5;
/** An exit told later than this is not found. */
export const foundWithinSec = 10;
/** Empty told so long before somebody leaves, on the way up, is no false exit. */
const earlySec = 3;

export interface Change {
  readonly to: "empty" | "in-bed";
  /** From the true change until it is told; 0 where it was told by then; null: not before the next one. */
  readonly delaySec: number | null;
}

export interface BedFacts {
  readonly changes: readonly Change[];
  /** Sitting up on the edge out of bed: whether that was told while it lasted, and how long before getting up. */
  readonly edges: readonly { readonly leadSec: number | null }[];
  readonly falseExits: number;
  /** With somebody in the bed or on its edge. */
  readonly occupiedHours: number;
  /** From lying still to the first rate, once for each time somebody lay down; null: none. */
  readonly firstRatesSec: readonly (number | null)[];
}

interface Span<T> {
  readonly is: T;
  readonly fromSec: number;
  readonly toSec: number;
}

function spansOf<T>(truths: readonly Truth[], of: (truth: Truth) => T): readonly Span<T>[] {
  const spans: Span<T>[] = [];
  let from = 0;
  for (let t = 1; t <= truths.length; t++) {
    if (t < truths.length && of(truths[t]!) === of(truths[from]!)) continue;
    spans.push({ is: of(truths[from]!), fromSec: from / framesPerSec, toSec: t / framesPerSec });
    from = t;
  }
  return spans;
}

const occupies = (place: Place): boolean => place === "bed" || place === "edge";

/** @param occupancyOf the room's word on the bed, or that of one sensor */
export function judgeBed({ told, truths }: RoomPlay, occupancyOf: (instant: RoomInstant) => Occupancy): BedFacts {
  const taken = spansOf(truths, ({ place }) => occupies(place));
  const places = spansOf(truths, ({ place }) => place);
  return {
    changes: taken.flatMap((span, i) => (i === 0 ? [] : changeOf(arrived(span, truths), told, occupancyOf))),
    edges: places.flatMap((span, i) => (span.is === "edge" && places[i - 1]?.is === "bed" ? [edgeOf(span, told)] : [])),
    falseExits: falseExits(taken, told, occupancyOf),
    occupiedHours: taken.reduce((sum, one) => sum + (one.is ? one.toSec - one.fromSec : 0), 0) / 3_600,
    firstRatesSec: places.flatMap((span, i) => (i > 0 && span.is === "bed" ? [firstRateOf(span, truths, told)] : [])),
  };
}

/** A bed is left half way up, and taken when whoever comes to it has sat or lain down. */
function arrived(span: Span<boolean>, truths: readonly Truth[]): Span<boolean> {
  return span.is ? { ...span, fromSec: Math.min(span.toSec, stillFrom(span.fromSec, truths)) } : span;
}

/** End of the movement that goes on then, s. */
function stillFrom(fromSec: number, truths: readonly Truth[]): number {
  let still = Math.round(fromSec * framesPerSec);
  while (truths[still]?.moving === true) still += 1;
  return still / framesPerSec;
}

function changeOf(
  { is, fromSec, toSec }: Span<boolean>,
  told: readonly RoomInstant[],
  occupancyOf: (instant: RoomInstant) => Occupancy,
): readonly Change[] {
  if (toSec - fromSec < stayMinSec) return [];
  const to = is ? "in-bed" : "empty";
  const before = told.findLast(({ toldSec }) => toldSec <= fromSec);
  const first =
    before !== undefined && occupancyOf(before) === to
      ? fromSec
      : told.find((one) => one.toldSec > fromSec && one.toldSec <= toSec && occupancyOf(one) === to)?.toldSec;
  return [{ to, delaySec: first === undefined ? null : first - fromSec }];
}

function edgeOf({ fromSec, toSec }: Span<Place>, told: readonly RoomInstant[]) {
  const first = told.find(({ toldSec, bed }) => toldSec > fromSec && toldSec <= toSec && bed === "edge");
  return { leadSec: first === undefined ? null : toSec - first.toldSec };
}

function falseExits(
  taken: readonly Span<boolean>[],
  told: readonly RoomInstant[],
  occupancyOf: (instant: RoomInstant) => Occupancy,
): number {
  let count = 0;
  let wasIn = false;
  for (const instant of told) {
    const occupancy = occupancyOf(instant);
    const { toldSec } = instant;
    if (occupancy === "empty" && wasIn) {
      const span = taken.find(({ fromSec, toSec }) => toldSec > fromSec && toldSec <= toSec);
      const leaves = span !== undefined && span !== taken.at(-1) && span.toSec - toldSec < earlySec;
      if (span?.is === true && !leaves) count += 1;
    }
    if (occupancy !== "unknown") wasIn = occupancy === "in-bed";
  }
  return count;
}

/** From the end of the movement that ended in the bed. */
function firstRateOf(
  { fromSec, toSec }: Span<Place>,
  truths: readonly Truth[],
  told: readonly RoomInstant[],
): number | null {
  const stillSec = stillFrom(fromSec, truths);
  const first = told.find(
    (one) => one.toldSec > stillSec && one.toldSec <= toSec && one.estimate.breathingPerMin !== null,
  );
  return first === undefined ? null : first.toldSec - stillSec;
}
