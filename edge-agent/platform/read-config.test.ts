import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSiteConfig } from "./read-config.ts";

const text = readFileSync(fileURLToPath(new URL("../../config/demonstration.json", import.meta.url)), "utf8");
// biome-ignore lint/suspicious/noExplicitAny: the test breaks the value in ways that no type allows
const changed = (change: (site: any) => void): string => {
  const site = JSON.parse(text);
  change(site);
  return JSON.stringify(site);
};
const errorsOf = (config: string): readonly string[] => {
  const parsed = parseSiteConfig(config);
  return parsed.ok ? [] : parsed.errors;
};

test("the example is a ward, with defaults filled in and its own hash", () => {
  const parsed = parseSiteConfig(text);
  if (!parsed.ok) throw new Error(parsed.errors.join("\n"));
  expect(parsed.site.beds.map(({ bed }) => bed)).toEqual(["room-1", "room-2", "room-3", "room-4", "room-5", "room-6"]);
  expect(parsed.site.brokers).toEqual({
    ...{ kind: "embedded", host: "127.0.0.1", framesPort: 18830, controlPort: 18831 },
    ...{ tls: "none", remoteUnits: [] },
  });
  expect(parsed.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(parseSiteConfig(`${text} `)).not.toMatchObject({ sha256: parsed.sha256 });
});

test("every error is told at once, each with its path", () => {
  const errors = errorsOf(
    changed((site) => {
      delete site.wardName;
      site.colour = "blue";
      site.beds[0].sensors[0].port.via = "carrier-pigeon";
      site.beds[0].sensors[0].model = "acconeer-a111";
      site.beds[0].nickname = "x";
      site.brokers = { framesPort: 70_000 };
    }),
  );
  expect(errors.map((line) => line.split(":")[0]).sort()).toEqual(
    [
      "wardName",
      "colour",
      "beds[0].sensors[0].port.via",
      "beds[0].sensors[0].model",
      "beds[0].nickname",
      "brokers.framesPort",
    ].sort(),
  );
  expect(errors.find((line) => line.startsWith("wardName"))).toContain("missing");
  expect(errors.find((line) => line.startsWith("colour"))).toContain("unknown key");
});

test("two beds that share a sensor are told apart", () => {
  const errors = errorsOf(changed((site) => site.beds.push(site.beds[0])));
  expect(errors).toEqual([
    'beds[6].bed: "room-1" is named twice',
    'beds[6].sensors[0].sensor: "radar-1" is named twice on unit-1',
    'beds[6].sensors[1].sensor: "depth-1" is named twice on unit-1',
  ]);
});

test("no text makes it throw; what is not JSON says so", () => {
  expect(errorsOf("{")[0]).toContain("not JSON");
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (wrong) => {
      expect(errorsOf(wrong).length).toBeGreaterThan(0);
    }),
  );
});
