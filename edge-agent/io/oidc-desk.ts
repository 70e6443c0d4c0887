import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { OidcAsk, OidcConfig } from "../contract/oidc.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import { Words } from "../contract/text.ts";
import { IdentityProvider, IdentityProviderError } from "../platform/identity-provider.ts";
import type { Log } from "../platform/log.ts";
import type { OidcRefusal } from "../records/oidc-accounts.ts";
import type { StaffRecords } from "../records/staff-records.ts";
import { TokenError, TokenOffice, type UserInfo } from "./id-token.ts";
import { lowAssurance, roleHere } from "./oidc-role.ts";

/** Each asks the provider once or twice; more at once is no ward's change of shift. */
const underWayMax = 50;

export interface OidcDeskOptions {
  /** Null: this site has no identity provider. */
  readonly oidc: OidcConfig | null;
  readonly staff: () => StaffRecords;
  readonly stamp: () => Stamp;
  readonly shiftMs: number;
  readonly log: Log;
}

/**
 * Signing in by OpenID Connect. The dashboard brings tokens; who somebody is, and what they may do here, is decided from what the
 * provider signed and says itself: a dashboard that lies signs nobody in.
 */
export class OidcDesk {
  private readonly options: OidcDeskOptions;
  private readonly office: TokenOffice | undefined;
  private underWay = 0;

  constructor(options: OidcDeskOptions) {
    this.options = options;
    const utcMs = (): number => options.stamp().utcMs;
    const monoMs = (): number => Number(options.stamp().monoNs / 1_000_000n);
    if (options.oidc !== null) this.office = new TokenOffice(new IdentityProvider(options.oidc, monoMs), utcMs);
  }

  /** @param session the token that the screen has now; signing in ends it. Throws StoreError. */
  async decide(ask: OidcAsk, session: string | null): Promise<AskResult | Refused> {
    const { oidc, staff, stamp, log } = this.options;
    if (this.office === undefined || oidc === null)
      return refuse("policy", "This ward has no sign-in by an identity service. Use your ward password.");
    if (this.underWay >= underWayMax) return busy;
    this.underWay += 1;
    try {
      return await (ask.do === "sign-in-oidc"
        ? this.signIn(ask, session, this.office, oidc)
        : this.logOut(ask.logoutToken, this.office, oidc));
    } catch (cause) {
      if (cause instanceof TokenError) return staff().refuseOidc({ why: cause.why, what: ask.do }, stamp());
      if (!(cause instanceof IdentityProviderError)) throw cause;
      log.warn({ cause: cause.message }, "sign-in by the identity provider does not work; passwords of the ward do");
      return staff().refuseOidc({ why: "unreachable", what: ask.do }, stamp());
    } finally {
      this.underWay -= 1;
    }
  }

  private async signIn(
    { idToken, accessToken, nonce, station }: Extract<OidcAsk, { do: "sign-in-oidc" }>,
    session: string | null,
    office: TokenOffice,
    oidc: OidcConfig,
  ): Promise<AskResult | Refused> {
    const { staff, stamp, shiftMs } = this.options;
    const refused = (why: OidcRefusal) => staff().refuseOidc({ why, what: "sign-in-oidc" }, stamp());
    const claims = await office.idToken(idToken, nonce);
    const low = lowAssurance(claims, oidc);
    if (low !== undefined) return refused(`${low}-assurance`);
    const info = await office.userInfo(accessToken, claims.sub);
    const role = roleHere(claims, info, oidc);
    if (role === undefined) return refused("no-role");
    const name = nameOf(info);
    if (name === undefined) return refused("no-name");
    const { issuer } = oidc;
    const { sub: subject, sid = null } = claims;
    const tokenUntilUtcMs = (claims.exp + 60) * 1_000;
    const person = { issuer, subject, sid, name, role, idToken, tokenUntilUtcMs };
    return staff().signInByOidc({ ...person, screen: { session, station }, shiftMs }, stamp());
  }

  private async logOut(token: string, office: TokenOffice, { issuer }: OidcConfig): Promise<AskResult | Refused> {
    const claims = await office.logoutToken(token);
    const { sub: subject = null, sid = null, jti } = claims;
    const until = office.logoutUntilUtcMs(claims);
    return this.options.staff().endOidcSessions({ issuer, subject, sid, jti, until }, this.options.stamp());
  }
}

const busy = refuse("unavailable", "Many people sign in at this moment. Try again in a few seconds.");

function nameOf({ given_name: given, family_name: family, name }: UserInfo): string | undefined {
  const whole = given !== undefined && family !== undefined ? `${given} ${family}` : name;
  return Words(60).safeParse(whole).data;
}
