import { describe, expect, it } from "vitest";
import { Assessment, assessmentProblems } from "./assessment.ts";
import { SiteConfig } from "./config.ts";
import { purposes } from "./words.ts";

const siteOf = (more: Record<string, unknown> = {}) =>
  SiteConfig.parse({
    v: 1,
    trust: "trust",
    site: "site",
    ward: "ward",
    wardName: "Rowan Ward",
    auditDomain: "ward.example",
    assessmentVersion: "1.2",
    beds: [
      {
        bed: "room-1",
        name: "Room 1",
        device: "unit-1",
        sensors: [{ sensor: "radar", model: "acconeer-a121", port: { via: "tcp", port: 6110 } }],
      },
    ],
    ...more,
  });
const assessment = Assessment.parse({
  v: 1,
  version: "1.2",
  signedOn: "2026-11-01",
  signedBy: "Ada Lead",
  purposes,
  retention: {},
  intendedUse: "advisory",
});

describe("what was assessed, and what is configured", () => {
  it("agree, also where less is kept than was assessed", () => {
    expect(assessmentProblems(assessment, siteOf())).toEqual([]);
    expect(assessmentProblems(assessment, siteOf({ retention: { rateFactsDays: 7 } }))).toEqual([]);
  });
  it("differ in what anybody may read for", () => {
    const fewer = Assessment.parse({ ...assessment, readFor: ["TREAT", "PATRQT", "HQUALIMP", "SYSADMIN"] });
    expect(assessmentProblems(fewer, siteOf())).toEqual(["readFor has purposes that were not assessed: BTG, PATSFTY"]);
    expect(assessmentProblems(fewer, siteOf({ readFor: ["TREAT", "PATRQT"] }))).toEqual([]);
  });
  it("differ in version, purposes, use or time: each is named", () => {
    expect(assessmentProblems(assessment, siteOf({ assessmentVersion: "1.1" }))).toEqual([
      "the configuration names version 1.1, the file is version 1.2",
    ]);
    const fewer = { ...assessment, purposes: purposes.slice(1) };
    expect(assessmentProblems(fewer, siteOf())[0]).toContain(purposes[0]);
    expect(assessmentProblems(assessment, siteOf({ alarms: { intendedUse: "information" } }))).toHaveLength(1);
    expect(assessmentProblems(assessment, siteOf({ retention: { movementFactsDays: 31 } }))).toEqual([
      "retention.movementFactsDays is 31 days, and 30 were assessed",
    ]);
  });
});
