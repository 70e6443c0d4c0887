import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What package-lock.json says of a package (npm, lockfileVersion 3). */
export interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  /** For development, or if somebody else brings it. */
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly optional?: boolean;
  readonly cpu?: readonly string[];
  readonly os?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface LockedPackage extends Locked {
  /** As it is imported. */
  readonly name: string;
  /** Below the project, such as `node_modules/a/node_modules/b`. */
  readonly path: string;
}

/** All packages of the lock; the project itself is none. */
export function lockedPackages(text = readFileSync(`${root}/package-lock.json`, "utf8")): LockedPackage[] {
  const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };
  return Object.entries(packages)
    .filter(([path]) => path !== "")
    .map(([path, locked]) => ({ ...locked, path, name: path.slice(path.lastIndexOf("node_modules/") + 13) }));
}

/** Whether a ward has it. */
export const isShipped = ({ dev, devOptional, peer }: Locked): boolean =>
  dev !== true && devOptional !== true && peer !== true;
