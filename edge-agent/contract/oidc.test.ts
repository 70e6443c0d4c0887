import { describe, expect, test } from "vitest";
import { SiteConfig } from "./config.ts";
import { OidcConfig } from "./oidc.ts";

const role = { organisation: "RX1", roleCode: "S0010:G0020:R8001", role: "nurse" };
const good = {
  issuer: "https://id.example.nhs.uk/realm",
  clientId: "us",
  pagesAt: "https://ward.example.nhs.uk",
  roles: [role],
};
const site = {
  ...{ v: 1, trust: "trust", site: "site", ward: "ward", wardName: "Rowan", auditDomain: "ward.example" },
  beds: [
    {
      ...{ bed: "room-1", name: "Room 1", device: "unit-1" },
      sensors: [{ sensor: "radar", model: "acconeer-a121", port: { via: "tcp", port: 6110 } }],
    },
  ],
};
const pathsOf = (value: unknown): string[] => {
  const told = SiteConfig.safeParse(value);
  return told.success ? [] : told.error.issues.map(({ path }) => path.join("."));
};

describe("dashboard.oidc", () => {
  test("asks by itself for what CIS2 calls AAL2 or better, an identity that was checked, and a fresh sign-in", () => {
    expect(OidcConfig.parse(good)).toMatchObject({
      ...{ acrValues: "AAL2_OR_AAL3_ANY", authenticationAssuranceMin: 2, identityAssuranceMin: 3, maxAgeSec: 300 },
      ...{ keyFile: null, label: "Sign in with NHS Care Identity" },
    });
    expect(pathsOf(site)).toEqual([]);
    expect(pathsOf({ ...site, dashboard: { oidc: good } })).toEqual([]);
  });

  test.each([
    ["a provider on the network without TLS", { issuer: "http://id.example.nhs.uk" }, "dashboard.oidc.issuer"],
    ["pages on the network without TLS", { pagesAt: "http://ward.example.nhs.uk" }, "dashboard.oidc.pagesAt"],
    ["pages with a path", { pagesAt: "https://ward.example.nhs.uk/ward" }, "dashboard.oidc.pagesAt"],
    ["nobody who may come in", { roles: [] }, "dashboard.oidc.roles"],
    [
      "a role for every organisation",
      { roles: [{ ...role, organisation: "*" }] },
      "dashboard.oidc.roles.0.organisation",
    ],
    ["a role that is none of ours", { roles: [{ ...role, role: "doctor" }] }, "dashboard.oidc.roles.0.role"],
    ["no openid", { scope: "profile" }, "dashboard.oidc.scope"],
    ["a key it does not know", { clientSecret: "a shared secret" }, "dashboard.oidc"],
  ])("refuses %s", (_what, change, path) => {
    expect(pathsOf({ ...site, dashboard: { oidc: { ...good, ...change } } })).toContain(path);
  });

  test("takes a provider of this very machine in development and demonstrations only", () => {
    const dashboard = { oidc: { ...good, issuer: "http://127.0.0.1:4000", pagesAt: "http://127.0.0.1:8080" } };
    expect(pathsOf({ ...site, dashboard })).toEqual(["dashboard.oidc.issuer"]);
    expect(pathsOf({ ...site, dashboard, development: true })).toEqual([]);
    expect(pathsOf({ ...site, dashboard, demonstration: true })).toEqual([]);
  });
});
