/*
 * How node runs a bridge: a bedroom unit has little memory, and what a bridge makes is gone within a second. 1 MB for what is
 * young, not 16, and the rest is collected before it grows.
 */
export const bridgeNodeFlags: readonly string[] = ["--max-semi-space-size=1", "--max-old-space-size=96"];
