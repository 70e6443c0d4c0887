import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readSafetyCase, safetyFolder, safetyPages } from "../scripts/safety-case.ts";
import { testsThatMissed } from "./safety-reporter.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const safety = readSafetyCase();

describe("the safety case", () => {
  it("has every hazard of the starter list once, and rates none of them higher afterwards than before", () => {
    const ids = safety.hazards.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (let n = 1; n <= 25; n++) expect(ids).toContain(`H${n}`);
    for (const { id, initial, residual } of safety.hazards) {
      const before = safety.matrix[initial.likelihood]?.[initial.severity] ?? 0;
      expect(safety.matrix[residual.likelihood]?.[residual.severity], id).toBeLessThanOrEqual(before);
    }
  });
  it("every control names a test that stands in its file", () => {
    for (const { id, controls } of safety.hazards) {
      for (const { file, name } of controls.flatMap(({ tests }) => tests)) {
        const path = join(root, file);
        expect(existsSync(path), `${id}: ${file}`).toBe(true);
        expect(readFileSync(path, "utf8"), `${id}: "${name}" in ${file}`).toContain(name);
      }
    }
  });
  it("its pages are those that the data make (npm run docs:safety writes them)", () => {
    for (const [file, page] of Object.entries(safetyPages(safety))) {
      expect(readFileSync(join(safetyFolder, file), "utf8"), file).toBe(page);
    }
  });
  it("a run in which a control's test is missing, failed or was left out is told, by hazard", () => {
    const wanted = safety.hazards.flatMap(({ controls }) => controls.flatMap(({ tests }) => tests));
    const passed = wanted.map(({ file, name }) => ({ file, name: `some group > ${name} and more` }));
    expect(testsThatMissed(safety, passed)).toEqual([]);
    const [first] = passed;
    const without = passed.filter(({ file, name }) => file !== first?.file || name !== first?.name);
    expect(testsThatMissed(safety, without).length).toBeGreaterThan(0);
    expect(testsThatMissed(safety, []).length).toBe(wanted.length);
  });
});
