/** What a parser did with bytes that anybody may have sent. */
export type Fed = "accepted" | "refused";

/** One parser that faces a wire or a file. */
export interface Target {
  readonly name: string;
  /** How its input is built, so that damage also hits what it means. */
  readonly shape: "bytes" | "json" | "lines";
  /** What our own encoders write; each must be accepted as it is. */
  readonly seeds: readonly Uint8Array[];
  /** More work than this is a hang; left out: 2 s of a core. */
  readonly hangMs?: number;
  /** Throws where something does not hold; refusing is an answer. The bytes are its own. */
  readonly feed: (bytes: Uint8Array) => Fed | Promise<Fed>;
}

/** What must hold and does not, with what was found. */
export function must(holds: boolean, words: () => string): asserts holds {
  if (!holds) throw new Error(words());
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
