import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import { type OidcAsk, type OidcConfig, oidcAsks } from "../contract/oidc.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import { passwordFault, pinFault, secretText } from "../contract/secret-rules.ts";
import { type SecretAsk, secretAsks } from "../contract/staff.ts";
import type { Log } from "../platform/log.ts";
import type { Claim, Screen } from "../records/account-sessions.ts";
import type { StaffRecords } from "../records/staff-records.ts";
import { OidcDesk } from "./oidc-desk.ts";
import { fitsSecret, hashSecret } from "./secret-hash.ts";

/** Each holds 19 MiB for some 50 ms, one after the other: whoever waits longer has gone away. */
const waitingMax = 20;

export interface SignInOptions {
  readonly staff: () => StaffRecords;
  readonly stamp: () => Stamp;
  readonly shiftMs: number;
  /** The trust's identity provider; null: there is none. */
  readonly oidc: OidcConfig | null;
  readonly log: Log;
}

const ofOidc: ReadonlySet<string> = new Set(oidcAsks.map(({ shape }) => shape.do.value));
const secret: ReadonlySet<string> = new Set(secretAsks.map(({ shape }) => shape.do.value));
const isOfOidc = (ask: { readonly do: string }): ask is OidcAsk => ofOidc.has(ask.do);
export const isSigningIn = (ask: { readonly do: string }): ask is SecretAsk | OidcAsk =>
  isOfOidc(ask) || secret.has(ask.do);

/**
 * Signing in with something secret. One at a time, in the order of asking: tries that come at once are counted like tries one after
 * the other.
 */
export class SignInDesk {
  private readonly options: SignInOptions;
  private readonly oidc: OidcDesk;
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(options: SignInOptions) {
    this.options = options;
    this.oidc = new OidcDesk(options);
  }

  /** @param session the token that the screen has now; signing in ends it. Throws StoreError. */
  async decide(ask: SecretAsk | OidcAsk, session: string | null): Promise<AskResult | Refused> {
    // The provider counts its own tries; a slow one is to hold up no password.
    if (isOfOidc(ask)) return this.oidc.decide(ask, session);
    if (this.waiting >= waitingMax)
      return refuse("unavailable", "Many people sign in at this moment. Try again in a few seconds.");
    this.waiting += 1;
    const work = this.last.then(() => this.now(ask, { session, station: ask.station }));
    this.last = work.catch(() => {});
    try {
      return await work;
    } finally {
      this.waiting -= 1;
    }
  }

  private now(ask: SecretAsk, screen: Screen): Promise<AskResult | Refused> {
    switch (ask.do) {
      case "sign-in-password":
        return this.claim({ kind: "password", badge: ask.badge, screen }, ask.password);
      case "sign-in-pin":
        return this.claim({ kind: "pin", badge: ask.badge, screen }, ask.pin);
      case "start-account":
        return this.start(ask, screen);
    }
  }

  private async claim(claim: Claim, secret: string): Promise<AskResult | Refused> {
    const { staff, stamp, shiftMs } = this.options;
    const found = staff().claimOf(claim, stamp());
    if ("why" in found) return found;
    const { stored } = found;
    const fits = await fitsSecret(secretText(secret), stored);
    return staff().decideClaim(claim, { fits, stored, shiftMs }, stamp());
  }

  private async start(ask: Extract<SecretAsk, { do: "start-account" }>, screen: Screen): Promise<AskResult | Refused> {
    const { staff, stamp, shiftMs } = this.options;
    const { code, badge } = ask;
    const startable = staff().startableBy({ code, badge }, stamp());
    if ("why" in startable) return startable;
    const name = startable.name ?? ask.name;
    if (name === null) return refuse("malformed", "Enter your name.");
    const fault = passwordFault(ask.password, { name, badge }) ?? pinFault(ask.pin, { badge });
    if (fault !== null) return refuse("policy", fault);
    const password = await hashSecret(secretText(ask.password));
    const pin = await hashSecret(ask.pin);
    return staff().startAccount({ code, badge, name: ask.name, password, pin, screen, shiftMs }, stamp());
  }
}
