import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isShipped, lockedPackages, root } from "./lock.ts";

interface Component {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly unknown[];
  readonly description?: string;
}

export interface Bill {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: string;
  readonly components: readonly Component[];
}

/**
 * What a release is made of (CycloneDX): the packages that it runs, with the hashes of the lock, and its models, with those of their
 * files. Without packages for development, which no ward has.
 */
export function billOfMaterials(): Bill {
  const args = [
    "sbom",
    "--sbom-format",
    "cyclonedx",
    "--sbom-type",
    "application",
    "--omit",
    "dev",
    "--package-lock-only",
  ];
  const made = JSON.parse(
    execFileSync("npm", args, { cwd: root, encoding: "utf8", maxBuffer: 64e6, stdio: ["ignore", "pipe", "ignore"] }),
  ) as Bill;
  const listed = new Set(made.components.map(({ name, version }) => `${name}@${version}`));
  return { ...made, components: [...made.components, ...missedBy(listed), ...models()] };
}

/** npm leaves out what a package for development may use as well (npm 11: `@opentelemetry/api`, which prom-client needs). */
const missedBy = (listed: ReadonlySet<string>): Component[] =>
  lockedPackages()
    .filter((one) => isShipped(one) && one.optional !== true && !listed.has(`${one.name}@${one.version}`))
    .map(({ name, version, integrity = "" }) => {
      const content = Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
      const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
      return { type: "library", name, version, purl, hashes: [{ alg: "SHA-512", content }] };
    });

function models(): Component[] {
  const folder = join(root, "models");
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "model.onnx")))
    .map((name) => {
      const card = JSON.parse(readFileSync(join(folder, name, "card.json"), "utf8")) as { version?: string | number };
      const content = createHash("sha256")
        .update(readFileSync(join(folder, name, "model.onnx")))
        .digest("hex");
      const hashes = [{ alg: "SHA-256", content }];
      return { type: "machine-learning-model", name, version: String(card.version ?? "1"), hashes };
    });
}
