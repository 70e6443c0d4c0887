import { createHash } from "node:crypto";
import type { Known } from "../records/people.ts";

const rememberedMax = 1_000;

/**
 * Which signed-in screens ask who acts. Known in memory only: after a restart each asks once. A session without an account has no PIN
 * to ask for and is never locked.
 */
export class ScreenLocks {
  private readonly idleMs: number;
  /** When somebody touched it last, by this process's clock. */
  private readonly touched = new Map<string, number>();

  constructor(idleMs: number) {
    this.idleMs = idleMs;
  }

  isLocked(token: string, known: Known, now: { readonly monoMs: number; readonly utcMs: number }): boolean {
    if (known.shiftUntilUtcMs === undefined) return false;
    if (now.utcMs >= known.shiftUntilUtcMs) return true;
    const touched = this.touched.get(keyOf(token));
    return touched === undefined || now.monoMs - touched > this.idleMs;
  }

  touch(token: string, monoMs: number): void {
    const key = keyOf(token);
    this.touched.delete(key);
    this.touched.set(key, monoMs);
    if (this.touched.size > rememberedMax)
      for (const oldest of [...this.touched.keys()].slice(0, this.touched.size - rememberedMax))
        this.touched.delete(oldest);
  }

  lock(token: string): void {
    this.touched.delete(keyOf(token));
  }
}

/** The token itself is kept in the browser only. */
const keyOf = (token: string): string => createHash("sha256").update(token).digest("base64");
