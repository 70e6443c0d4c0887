import type { RefusalReason } from "./words.ts";

/** What the agent does not do, and words that tell the asker what to do instead. */
export interface Refused {
  readonly why: RefusalReason;
  readonly words: string;
}

export const refuse = (why: RefusalReason, words: string): Refused => ({ why, words });
