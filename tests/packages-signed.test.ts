import { appendFileSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditIntent } from "../edge-agent/contract/door.ts";
import { differingPackages, readPackagesList } from "../edge-agent/io/package-files.ts";
import { PackagesWatch } from "../edge-agent/io/packages-watch.ts";
import { packagesList } from "../scripts/release/packages.ts";
import { copyRelease, type OpenedRelease } from "../scripts/update/open-release.ts";

/* The packages of a release, small: what was signed of them, and each way in which they can be something else. */

let root: string;
const at = (path: string): string => join(root, "node_modules", path);
const linkTo = (path: string, target: string): void => {
  rmSync(at(path), { recursive: true });
  symlinkSync(target, at(path));
};
const put = (path: string, text: string): void => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "quietround-packages-"));
  const packages = { "": {}, "node_modules/a": {}, "node_modules/tool": { dev: true } };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages }));
  put("a/index.js", "export const a = 1;\n");
  put("a/node_modules/b/index.js", "export const b = 1;\n");
  put("tool/index.js", "");
  put(".vite/results.json", "{}");
  mkdirSync(at(".bin"));
  symlinkSync("../a/index.js", at(".bin/a"));
  symlinkSync("../tool/index.js", at(".bin/tool"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const signed = () => readPackagesList(packagesList(root)) ?? expect.fail("no list");
/** As they lie on a ward: without what is for development. */
const shipped = () => {
  const list = signed();
  for (const path of ["tool", ".bin/tool"]) rmSync(at(path), { recursive: true });
  return list;
};

describe("the list of packages", () => {
  it("holds every file that a ward has, and none for development", () => {
    expect([...signed().keys()]).toEqual([".bin/a", "a/index.js", "a/node_modules/b/index.js"]);
    expect(differingPackages(root, shipped())).toEqual([]);
  });

  it.each([
    ["a byte more", () => appendFileSync(at("a/node_modules/b/index.js"), " "), "b/index.js is not what was signed"],
    ["a file gone", () => rmSync(at("a/index.js")), "node_modules/a/index.js is missing"],
    ["a file more", () => put("a/extra.js", ""), "node_modules/a/extra.js is in no list"],
    ["a package more", () => put("c/index.js", ""), "node_modules/c/index.js is in no list"],
    ["a link elsewhere", () => linkTo(".bin/a", "../c.js"), ".bin/a is not what was signed"],
    ["a package that is a link", () => linkTo("a", "/tmp"), "node_modules/a is in no list"],
  ])("tells of %s", (_what, change, words) => {
    const list = shipped();
    change();
    expect(differingPackages(root, list).join()).toContain(words);
  });

  it.each([
    "",
    "no list\n",
    `${"0".repeat(64)} ../../etc/passwd\n`,
    `${"0".repeat(64)} /etc/passwd\n`,
    `${"0".repeat(64)} a`,
  ])("is none where it reads %j", (text) => expect(readPackagesList(text)).toBeUndefined());
});

describe("a release that is put in", () => {
  const release = (): OpenedRelease =>
    ({ ok: true, number: 1, files: [], packages: signed() }) as unknown as OpenedRelease;

  it("has the files of the list and no others", () => {
    const to = join(root, "to");
    expect(copyRelease(root, to, release())).toBeUndefined();
    expect(readlinkSync(join(to, "node_modules/.bin/a"))).toBe("../a/index.js");
    expect(differingPackages(to, release().packages)).toEqual([]);
  });

  it("is refused with a package that was changed, is missing, or leads out of it", () => {
    const to = (n: number): string => join(root, `to-${n}`);
    const list = release();
    appendFileSync(at("a/index.js"), " ");
    expect(copyRelease(root, to(1), list)).toBe("node_modules/a/index.js is not what was signed");
    rmSync(at("a/index.js"));
    expect(copyRelease(root, to(2), list)).toBe("node_modules/a/index.js is missing");
    put("a/index.js", "export const a = 1;\n");
    rmSync(at(".bin/a"));
    symlinkSync("../../../../etc/passwd", at(".bin/a"));
    expect(copyRelease(root, to(3), release())).toBe("node_modules/.bin/a leads out of the release");
  });
});

describe("an agent", () => {
  const watch = (release: number | null) => {
    const entries: AuditIntent[] = [];
    const said: string[] = [];
    const say = (_about: object, words: string): void => void said.push(words);
    const log = { debug: say, info: say, warn: say, error: say };
    const configFile = join(root, "site.json");
    return {
      entries,
      said,
      watch: new PackagesWatch({ root, configFile, release, write: (one) => void entries.push(one), log }),
    };
  };

  it("reads its packages beside the ward, and tells what is not as it was signed", async () => {
    const list = packagesList(root);
    shipped();
    writeFileSync(join(root, "packages.list"), list);
    const good = watch(7);
    good.watch.start();
    await expect.poll(() => good.said, { timeout: 20_000 }).toEqual(["every file of the packages is as it was signed"]);
    expect(good.entries).toEqual([]);
    appendFileSync(at("a/index.js"), " ");
    const bad = watch(7);
    bad.watch.start();
    await expect.poll(() => bad.entries.length, { timeout: 20_000 }).toBe(1);
    const differing = ["node_modules/a/index.js is not what was signed"];
    expect(bad.entries[0]).toMatchObject({ action: "release.changed", outcome: 8, detail: { release: 7, differing } });
    expect(bad.watch.differing).toEqual(differing);
    await bad.watch.stop();
  });

  it("asks nothing where no release is asked for, and says where packages were not signed", () => {
    const none = watch(null);
    none.watch.start();
    expect(none.said).toEqual([]);
    const old = watch(7);
    old.watch.start();
    expect(old.said.join()).toContain("signed without its packages");
  });
});
