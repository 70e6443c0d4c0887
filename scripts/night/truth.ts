/*
 * What really happens in a bedroom of a scripted night. Frames and answers are made from it, and what the ward must be told is
 * derived from it; neither side knows the other.
 */

/**
 * `asleep`: lies still, moves seldom; `restless`: lies and moves all the time; `edge`: sits on the edge of the bed; `standing`: out of
 * bed, in view; `away`: out of view; `visited`: lies in bed, and somebody else is in the room.
 */
export type Doing = "asleep" | "restless" | "edge" | "standing" | "floor" | "away" | "visited";

export interface Stretch {
  readonly fromSec: number;
  readonly doing: Doing;
  readonly perMin: number;
  /** False: the chest stands still, while the person lies there. */
  readonly breathes: boolean;
}

/** Of one bed, from the night's start to its end, ascending. */
export type Truth = readonly Stretch[];

export const truthAt = (truth: Truth, atSec: number): Stretch => {
  let low = 0;
  let high = truth.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (truth[middle]!.fromSec <= atSec) low = middle;
    else high = middle - 1;
  }
  const found = truth[low];
  if (found === undefined) throw new Error("a night without a truth");
  return found;
};

export const isInBed = (doing: Doing): boolean =>
  doing === "asleep" || doing === "restless" || doing === "edge" || doing === "visited";
export const isInRoom = (doing: Doing): boolean => doing !== "away";

/** Writes a truth from its start on: each call adds what comes next. */
export class Telling {
  private readonly told: Stretch[] = [];
  private nowSec = 0;
  private perMin: number;

  constructor(perMin: number) {
    this.perMin = perMin;
  }

  get atSec(): number {
    return this.nowSec;
  }
  get truth(): Truth {
    return this.told;
  }

  does(doing: Doing, forSec: number, more: { readonly perMin?: number; readonly breathes?: boolean } = {}): this {
    this.told.push({
      fromSec: this.nowSec,
      doing,
      perMin: more.perMin ?? this.perMin,
      breathes: more.breathes ?? true,
    });
    this.nowSec += forSec;
    return this;
  }

  /** Lies asleep up to this moment of the night, and turns over every so often. */
  sleepsUntil(atSec: number, turnsEverySec: number, more: { readonly perMin?: number } = {}): this {
    if (atSec < this.nowSec) throw new Error(`the night is at ${this.nowSec} s already, and not at ${atSec} s`);
    while (atSec - this.nowSec > turnsEverySec + 30)
      this.does("asleep", turnsEverySec - 3, more).does("restless", 3, more);
    return this.does("asleep", atSec - this.nowSec, more);
  }

  /** Sits up, stands up, goes, and comes back so many seconds after leaving the bed. */
  goesFor(awaySec: number): this {
    return this.does("edge", 15)
      .does("standing", 8)
      .does("away", awaySec - 16)
      .does("standing", 8)
      .does("edge", 6);
  }
}
