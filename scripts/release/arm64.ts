import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { LockedPackage } from "./lock.ts";

/*
 * Whether a release runs on a Raspberry Pi or a Jetson (Linux, arm64, glibc): what is compiled must be there for them as well.
 */

const x64 = /x64|x86_64|amd64/;
const compiled = /\.node$|\.so(?:\.\d+)*$/;
/** Found in this package's tree, which is no package of ours to run. */
const otherSystems = /(?:^|\/)(?:darwin|win32|android|ios|freebsd)[-/]/;

/** Compiled files of an installed package, without those of the packages inside it. */
export function compiledIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && compiled.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.includes("node_modules/") && !otherSystems.test(path));
}

/**
 * What a package lacks on arm64; undefined: nothing.
 *
 * @param files its compiled files
 * @param named whether the lock has a package of this name, for this processor
 */
export function lacksArm64(
  { name, cpu, optional, optionalDependencies = {} }: LockedPackage,
  files: readonly string[],
  named: (name: string, cpu: string) => boolean,
): string | undefined {
  // One of several, of which npm takes the one that fits; who needs it is asked for the one of arm64.
  if (cpu !== undefined && optional === true) return undefined;
  if (cpu !== undefined && !cpu.includes("arm64")) return `${name} is for ${cpu.join(", ")} only`;
  for (const one of Object.keys(optionalDependencies).filter(
    (each) => /linux.*x64/.test(each) && !each.includes("musl"),
  )) {
    const sibling = one.replace("x64", "arm64");
    if (!named(sibling, "arm64")) return `${name} has ${one} and no ${sibling}`;
  }
  for (const file of files) {
    if (/arm/.test(file)) continue;
    if (!x64.test(file)) return `${name} has ${file}, which says no processor`;
    const folder = file.replace(/(?:linux[-/]?)?(?:x64|x86_64|amd64).*$/, "");
    const arm = files.filter((other) => other.startsWith(folder) && /arm64|aarch64/.test(other));
    if (arm.length === 0) return `${name} has ${file} and nothing for arm64 beside it`;
  }
  return undefined;
}
