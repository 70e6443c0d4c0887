import { expect, it } from "vitest";
import type { LogSeen } from "../../edge-agent/contract/audit-policy.ts";
import { isStale } from "./audit-log-page.ts";

const nowUtcMs = Date.UTC(2026, 10, 23, 12);
const witness = (name: string, agoSec: number | null): LogSeen["witnesses"][number] => ({
  name,
  state: agoSec === null ? "unreachable" : "cosigned",
  size: 7,
  words: "",
  cosignedAtSec: agoSec === null ? null : nowUtcMs / 1_000 - agoSec,
});

it.each([
  ["nobody is asked", [], false],
  ["its own agrees, and there is no other", [witness("w.example/station-witness", 5)], false],
  ["its own is silent, and there is no other", [witness("w.example/station-witness", 901)], true],
  [
    "its own agrees, and the only one elsewhere is silent",
    [witness("w.example/station-witness", 5), witness("trust.example/w", null)],
    true,
  ],
  [
    "one of two elsewhere agreed a while ago",
    [witness("trust.example/w", 800), witness("other.example/w", null)],
    false,
  ],
] as const)("where %s", (_what, witnesses, stale) => {
  expect(isStale(witnesses, nowUtcMs, 900)).toBe(stale);
});
