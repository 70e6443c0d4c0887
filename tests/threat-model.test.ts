import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/* Every threat of docs/threat-model.md that is said to be met has a test that stands in its file. */

const root = fileURLToPath(new URL("..", import.meta.url));
const rows = readFileSync(join(root, "docs", "threat-model.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| T\d+ /.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, id = "", boundary = "", letters = "", threat = "", against = "", shown = ""]) => ({
    id,
    boundary,
    letters,
    threat,
    against,
    shown,
  }));

describe("the threat model", () => {
  it("numbers its threats once, and has each boundary and each letter of STRIDE", () => {
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_row, n) => `T${n + 1}`));
    const boundaries = new Set(rows.map(({ boundary }) => boundary));
    for (const one of [
      "sensor - bridge",
      "bridge - broker",
      "broker - agent",
      "agent - dashboard",
      "dashboard - browser",
      "bedside panel",
      "databases and disk",
      "audit export",
      "update, configuration",
      "backup",
      "identity provider",
    ])
      expect(boundaries).toContain(one);
    const letters = new Set(rows.flatMap(({ letters: some }) => some.split(", ")));
    expect([...letters].sort()).toEqual(["D", "E", "I", "R", "S", "T"]);
  });

  it.each(rows)("$id: $threat", ({ against, shown }) => {
    if (shown === "open") {
      expect(against).toMatch(/^open: /);
      return;
    }
    const [, file = "", name = ""] = /^`([^`]+)`: (.+)$/.exec(shown) ?? [];
    expect(existsSync(join(root, file))).toBe(true);
    expect(readFileSync(join(root, file), "utf8")).toContain(name);
  });
});
