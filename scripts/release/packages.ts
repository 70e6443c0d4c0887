import { readFileSync, readlinkSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import {
  hashOfPackageFile,
  type PackageFile,
  packageFiles,
  writePackagesList,
} from "../../edge-agent/io/package-files.ts";
import { isShipped, lockedPackages } from "./lock.ts";

/** Folders below node_modules of the packages that no ward has: those for development. */
export function packagesLeftOut(root: string): ReadonlySet<string> {
  const locked = lockedPackages(readFileSync(join(root, "package-lock.json"), "utf8"));
  return new Set(locked.filter((one) => !isShipped(one)).map(({ path }) => path.slice("node_modules/".length)));
}

/** Files of the packages that a ward has; commands of packages for development are left out with them. */
export function shippedPackageFiles(root: string): PackageFile[] {
  const without = packagesLeftOut(root);
  const leadsOut = ({ path, is }: PackageFile): boolean => {
    if (is === "file") return false;
    const target = normalize(join(dirname(path), readlinkSync(join(root, "node_modules", path))));
    return [...without].some((folder) => target.startsWith(`${folder}/`));
  };
  return [...packageFiles(root, without)].filter((file) => !leadsOut(file));
}

/** The list of what a ward has of the packages. */
export const packagesList = (root: string): string =>
  writePackagesList(
    shippedPackageFiles(root).map((file) => ({ path: file.path, sha256: hashOfPackageFile(root, file) })),
  );
