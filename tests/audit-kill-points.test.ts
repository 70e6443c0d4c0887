import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { KillTrial } from "../scripts/audit-trials/kill-rounds.ts";

/* The short form of npm run faults:audit. Wants strace (scripts/check-machine installs it): without it this fails. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-kill-points-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("killed at statements and at calls of the kernel that an append makes, nothing acknowledged is lost and the root is the recomputed one", () => {
  const trial = new KillTrial(folder);
  const rounds = [0, 3, 10, 23, 36, 43, 60, 77, 90, 99, 124, 151].map((round) => trial.round(round));
  expect(rounds).toHaveLength(12);
  expect(new Set(rounds.map(({ at }) => at)).size).toBe(12);
  expect(rounds.at(-1)?.stored).toBeGreaterThan(8);
}, 180_000);
