import type { OidcConfig } from "../contract/oidc.ts";
import type { StaffRole } from "../contract/words.ts";
import type { IdClaims, UserInfo } from "./id-token.ts";

/** Of several roles that fit, the first of these: nobody gets more than they chose. */
const leastFirst: readonly StaffRole[] = ["nurse", "nurse-in-charge", "engineer", "governance-lead"];

/** Which of the two levels is below what the site asks; undefined: neither. A level that is not told is 0. */
export function lowAssurance(claims: IdClaims, oidc: OidcConfig): "authentication" | "identity" | undefined {
  if ((claims.authentication_assurance_level ?? 0) < oidc.authenticationAssuranceMin) return "authentication";
  return (claims.id_assurance_level ?? 0) < oidc.identityAssuranceMin ? "identity" : undefined;
}

/**
 * What the person is here. Where they chose one of their roles (selected_roleid) it is that one or none; else, of those that fit, the
 * one that may do least. A role in another organisation is none. Undefined: nothing fits.
 */
export function roleHere(
  claims: IdClaims,
  { nhsid_nrbac_roles: held }: UserInfo,
  oidc: OidcConfig,
): StaffRole | undefined {
  const chosen = claims.selected_roleid;
  const counted = chosen === undefined ? held : held.filter(({ person_roleid }) => person_roleid === chosen);
  const here = counted.flatMap(({ org_code, role_code }) =>
    oidc.roles
      .filter(({ organisation, roleCode }) => organisation === org_code && isCode(role_code, roleCode))
      .map(({ role }) => role),
  );
  return leastFirst.find((role) => here.includes(role));
}

/** The whole code, or its last part: `S0010:G0020:R8001` is `R8001`. */
const isCode = (held: string, wanted: string): boolean => held === wanted || held.split(":").at(-1) === wanted;
