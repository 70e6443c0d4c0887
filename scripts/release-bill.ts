import "../edge-agent/platform/node-version.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readArguments } from "./read-arguments.ts";
import { billOfMaterials } from "./release/bill.ts";
import { acceptedLicences, isAccepted } from "./release/licences.ts";
import { isShipped, lockedPackages } from "./release/lock.ts";

const usage = `npm run release:bill -- [--out FOLDER]

Writes what a release is made of: sbom.cdx.json (CycloneDX: packages with hashes, models with theirs) and licences.md.
Exits 1 where a package has a licence that is not accepted (scripts/release/licences.ts).
`;
const { out } = readArguments(
  usage,
  { out: { type: "string", default: fileURLToPath(new URL("../release", import.meta.url)) } },
  process.argv.slice(2),
);
const bill = billOfMaterials();
const shipped = lockedPackages().filter(isShipped);
const refused = shipped.filter(({ license }) => !isAccepted(license ?? "none named"));
const byLicence = Map.groupBy(shipped, ({ license }) => license ?? "none named");
const lines = [...byLicence].flatMap(([licence, packages]) => [
  `## ${licence}`,
  "",
  acceptedLicences[licence] ?? "",
  "",
  ...packages.map(({ name, version }) => `- ${name} ${version}`),
  "",
]);
const folder = resolve(out);
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/sbom.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`);
writeFileSync(`${folder}/licences.md`, `# Licences of what runs on a ward\n\n${lines.join("\n")}`);
process.stdout.write(`${bill.components.length} components, ${byLicence.size} licences: ${dirname(`${folder}/x`)}\n`);
for (const { name, license } of refused)
  process.stderr.write(`NOT ACCEPTED: ${name}, ${license ?? "no licence named"}\n`);
process.exit(refused.length === 0 ? 0 : 1);
