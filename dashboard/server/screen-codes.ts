import { randomBytes, randomInt } from "node:crypto";

/** So long a screen shows the same code. */
export const screenCodeMs = 10 * 60_000;
/** Screens that wait at once; above it the one that has waited longest shows a new code. */
const waitingMax = 50;

interface Waiting {
  readonly code: string;
  readonly expiresAtUtcMs: number;
  /** The one-time code with which this screen is paired, once somebody approved it. */
  readonly invite: string | null;
}

/**
 * Screens that wait to be paired. Each shows a code of its own; a named person who sees it at the bed types it at the nurse station, and
 * the screen is that bed's. In memory only: after a restart a screen shows another code.
 */
export class ScreenCodes {
  private readonly waiting = new Map<string, Waiting>();

  /** @param secret what the screen's cookie says, from any browser; another one comes back where it is nobody's */
  show(secret: string | undefined, nowUtcMs: number): { readonly secret: string; readonly code: string } {
    this.forgetOld(nowUtcMs);
    const known = secret === undefined ? undefined : this.waiting.get(secret);
    if (secret !== undefined && known !== undefined) return { secret, code: known.code };
    if (this.waiting.size >= waitingMax)
      for (const oldest of [...this.waiting.keys()].slice(0, 1)) this.waiting.delete(oldest);
    const fresh = randomBytes(24).toString("base64url");
    const code = this.freshCode();
    this.waiting.set(fresh, { code, expiresAtUtcMs: nowUtcMs + screenCodeMs, invite: null });
    return { secret: fresh, code };
  }

  /** Does a screen show this code now? Spaces do not count. */
  isShown(typed: string, nowUtcMs: number): boolean {
    return this.secretOf(typed, nowUtcMs) !== undefined;
  }

  /** False: no screen shows this code any more. */
  approve(typed: string, invite: string, nowUtcMs: number): boolean {
    const secret = this.secretOf(typed, nowUtcMs);
    const waiting = secret === undefined ? undefined : this.waiting.get(secret);
    if (secret === undefined || waiting === undefined) return false;
    this.waiting.set(secret, { ...waiting, invite });
    return true;
  }

  /** Once: what the screen is paired with. */
  take(secret: string | undefined, nowUtcMs: number): string | undefined {
    this.forgetOld(nowUtcMs);
    const waiting = secret === undefined ? undefined : this.waiting.get(secret);
    if (secret === undefined || waiting?.invite == null) return undefined;
    this.waiting.delete(secret);
    return waiting.invite;
  }

  private secretOf(typed: string, nowUtcMs: number): string | undefined {
    this.forgetOld(nowUtcMs);
    const code = typed.replace(/\s/g, "");
    return [...this.waiting].find(([, one]) => one.code === code && one.invite === null)?.[0];
  }

  private freshCode(): string {
    for (;;) {
      const code = String(randomInt(1_000_000)).padStart(6, "0");
      if (![...this.waiting.values()].some((one) => one.code === code)) return code;
    }
  }

  private forgetOld(nowUtcMs: number): void {
    for (const [secret, { expiresAtUtcMs }] of this.waiting) {
      if (expiresAtUtcMs <= nowUtcMs) this.waiting.delete(secret);
    }
  }
}
