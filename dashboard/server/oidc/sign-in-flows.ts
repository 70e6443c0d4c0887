import { randomBytes } from "node:crypto";
import type { MonoMs } from "../../../edge-agent/contract/units.ts";

/** What belongs to one person on their way to the identity provider and back. */
export interface SignInFlow {
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636): only whoever began can use the code. */
  readonly codeVerifier: string;
  /** What this screen had when it left: its cookies do not come along on the way back. */
  readonly session: string | null;
  readonly station: string | null;
}

export const flowLastsMs = 5 * 60_000;
const flowsMax = 1_000;

/** Kept in memory only, under a random name that stands in the browser's cookie. Each is used once. */
export class SignInFlows {
  private readonly now: () => MonoMs;
  private readonly flows = new Map<string, { readonly flow: SignInFlow; readonly begunAt: MonoMs }>();

  constructor(now: () => MonoMs) {
    this.now = now;
  }

  /** Returns its name. Above the limit the oldest falls: that person starts again. */
  begin(flow: SignInFlow): string {
    for (const [name, { begunAt }] of this.flows) {
      if (this.flows.size < flowsMax && this.now() - begunAt <= flowLastsMs) break;
      this.flows.delete(name);
    }
    const name = randomBytes(32).toString("base64url");
    this.flows.set(name, { flow, begunAt: this.now() });
    return name;
  }

  /** @param name from a cookie, before any check. Undefined: unknown, used before, or too long ago. */
  take(name: string | undefined): SignInFlow | undefined {
    if (name === undefined) return undefined;
    const kept = this.flows.get(name);
    this.flows.delete(name);
    return kept === undefined || this.now() - kept.begunAt > flowLastsMs ? undefined : kept.flow;
  }
}
