/** Something that a screen was told, or that stands in the log. */
export interface Told {
  readonly atSec: number;
  readonly bed: string;
  /** An alarm's condition, or what the log calls it. */
  readonly what: string;
  readonly detail: string;
}

/** Something that has to be told, once, within these seconds of the night. */
export interface Expected {
  readonly fromSec: number;
  readonly toSec: number;
  readonly bed: string;
  readonly what: string;
  /** In words for a person who reads the report. */
  readonly because: string;
}
