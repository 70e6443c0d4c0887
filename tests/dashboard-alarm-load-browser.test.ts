import { describe, expect, test } from "vitest";
import * as screen from "./dashboard-browser.ts";
import { desk, fits, inThePersonsPages, page, phone, shot, signIn, ward } from "./person-browser.ts";

/* What the alarms ask of staff, as the governance lead reads it. */

describe.skipIf(!screen.haveBrowser)("alarm load in the browser", () => {
  inThePersonsPages();

  test("is told in figures, with what nobody acts on in words", async () => {
    const stayRow = { table: "stay", id: "s1", bed: "room-1", label: "P", demonstration: false } as const;
    // At midnight, twenty nights ago.
    const dayMs = 24 * 3_600_000;
    const begun = (Math.floor(Date.now() / dayMs) - 20) * dayMs;
    ward.records.commit([], [{ ...stayRow, startedAtUtcMs: begun }], { utcMs: begun, monoNs: 0n });
    const tell = (
      action: "alert.raise" | "alert.acknowledge" | "alert.close",
      n: number,
      afterMs: number,
      more = {},
    ) => {
      const condition = n < 12 ? "left-bed" : "no-movement";
      const detail = { bed: "room-1", stay: "s1", alarm: `a${n}`, condition, ...more };
      const actor = { kind: "system", part: "conditions" } as const;
      const stamp = { utcMs: begun + n * 20_000 + afterMs, monoNs: 0n };
      ward.records.commit([{ action, actor, outcome: 0, detail, phi: null }], [], stamp);
    };
    for (let n = 0; n < 18; n++) tell("alert.raise", n, 0);
    for (let n = 0; n < 8; n++) {
      tell("alert.acknowledge", n, 400_000 + n * 1_000);
      const outcome = n < 2 ? "false-alarm" : "all-well";
      tell("alert.close", n, 500_000 + n * 1_000, { outcome, falseBecause: n < 2 ? "visitor" : null });
    }
    await signIn("lead-code");
    await page.goto(`${ward.url}/governance`);
    const figures = page.locator("section", { has: page.getByText("What the alarms ask of staff") });
    await figures.getByText("18 alarms in all, day and night").waitFor();
    expect(await figures.locator("dd").allTextContents()).toEqual([
      expect.stringMatching(/^(0\.9|1\.0)18 alarms in all/),
      expect.stringMatching(/^–/),
      "7 min9 of 10 within 7 min",
      "25 %of 8 of which staff said how it was",
      "118 at most within 10 min",
    ]);
    await figures.getByText("Nobody acts on: No movement (6 times).").waitFor();
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.setViewportSize(phone);
    expect(await fits()).toBeLessThanOrEqual(0);
    await page.setViewportSize(desk);
    await shot("governance-load");
  });
});
