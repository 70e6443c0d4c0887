import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ListedFile, sha256Hex } from "../../edge-agent/audit/manifest.ts";

/** What a ward runs, and what its people read; tests and training are left out. Packages have a list of their own. */
const folders = ["edge-agent", "firmware-bridge", "dashboard", "models", "scripts", "config", "docs"];
const files = ["package.json", "package-lock.json", "README.md"];
const left = /\.test\.ts$|^models\/training\/|^dashboard\/web\/pages\/fixtures\//;

export function releaseFiles(root: string): ListedFile[] {
  const there = (name: string): boolean => existsSync(join(root, name));
  const below = folders.filter(there).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(root, "/").length)),
  );
  return [...below, ...files.filter(there)]
    .filter((path) => !left.test(path))
    .map((path) => listed(join(root, path), path));
}

export function listed(file: string, path: string): ListedFile {
  const bytes = readFileSync(file);
  return { path, sha256: sha256Hex(bytes), bytes: bytes.length };
}
