import "../edge-agent/platform/node-version.ts";
import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import { readVkey } from "../edge-agent/audit/note.ts";
import { checkPack, type PackFault } from "../edge-agent/audit/pack.ts";
import { readArguments } from "./read-arguments.ts";

const usage = `npm run pack:verify -- PACK.zip --key FILE [--key FILE]

Checks an inspection pack with nothing but the pack and a public key (a vkey line, or a file that holds one) that you have from
somebody you trust: that its files are those of its manifest, and that the manifest is signed. Exits 1 where they are not.
`;
const bytesMax = 256 * 1_024 * 1_024;

const [path, ...args] = process.argv.slice(2);
const { key } = readArguments(usage, { key: { type: "string", multiple: true, default: [] } }, args);
const keys = [key].flat().filter((one) => typeof one === "string");
if (path === undefined || path.startsWith("-") || keys.length === 0) {
  process.stderr.write(usage);
  process.exit(2);
}
const vkeys = keys.map((one) => {
  const line = one.includes("+") && !one.includes("/keys/") ? one : undefined;
  const vkey = readVkey((line ?? readOr(one).toString("utf8")).trim()) ?? readVkey(one);
  if (vkey === undefined) fail(`${one} is no public key: it should be a line such as name+12345678+A…`);
  return vkey;
});

const faultWords: Readonly<Record<PackFault["fault"], string>> = {
  "no-manifest": "there is no manifest, or it cannot be read",
  signature: "the manifest is not signed by a key that you gave",
  "other-manifest": "what is signed is another manifest",
  missing: "in the manifest, and not in the pack",
  changed: "changed since it was signed",
  extra: "in the pack, and not in the manifest",
};

const checked = checkPack(new Map(Object.entries(unpack(readOr(path)))), vkeys);
for (const { fault, what } of checked.faults) process.stdout.write(`WRONG ${what}: ${faultWords[fault]}\n`);
if (checked.manifestSha256 !== undefined) process.stdout.write(`hash of the manifest: ${checked.manifestSha256}\n`);
process.stdout.write(
  checked.faults.length === 0
    ? `${checked.files} files are as ${checked.signedBy.join(", ")} signed them. Whether the figures are true it does not prove: READ-ME.txt says how to check the logs.\n`
    : "This pack is not what was signed.\n",
);
process.exit(checked.faults.length === 0 ? 0 : 1);

function unpack(zip: Uint8Array): Record<string, Uint8Array> {
  try {
    let total = 0;
    return unzipSync(zip, {
      filter: ({ originalSize }) => {
        total += originalSize;
        if (total > bytesMax) throw new RangeError("larger than any pack");
        return true;
      },
    });
  } catch (cause) {
    return fail(`${path} is no pack: ${String(cause)}`);
  }
}

function readOr(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return fail(`${file} cannot be read`);
  }
}

function fail(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(2);
}
