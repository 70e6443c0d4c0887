import "../edge-agent/platform/node-version.ts";
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseSiteConfig } from "../edge-agent/platform/read-config.ts";
import { readArguments } from "./read-arguments.ts";
import { root } from "./release/lock.ts";
import { packagesList } from "./release/packages.ts";
import { signRelease } from "./release/sign.ts";

const usage = `npm run release:sign -- --config site.json --key FILE --number N [--name maker.example/release] [--new-key]

Signs this release for one site: its files, its packages, its models, the site's configuration and its assessment in one list. Writes
packages.list, release.list, release.note and release.vkey beside the configuration. A ward that is no demonstration runs nothing else, and nothing with a lower
number than it ran before.

--key      the private key (Ed25519, PEM). Keep it where no ward is; --new-key makes one there
--number   goes up with each release or change of configuration
`;
const options = readArguments(usage, {
  config: { type: "string" },
  key: { type: "string" },
  number: { type: "string" },
  name: { type: "string", default: "quietround.example/release" },
  "new-key": { type: "boolean", default: false },
});

function fail(words: string): never {
  process.stderr.write(`${words}\n\n${usage}`);
  process.exit(2);
}

const { config, key: keyFile, name } = options;
const number = Number(options.number);
if (config === undefined || keyFile === undefined || !Number.isSafeInteger(number) || number < 1)
  fail("--config, --key and --number (1, 2, 3, ...) are needed");
if (!existsSync(config)) fail(`there is no ${config}`);
const parsed = parseSiteConfig(readFileSync(config, "utf8"));
if (!parsed.ok) fail(`${config} cannot be used:\n${parsed.errors.map((line) => `  ${line}`).join("\n")}`);
if (!existsSync(join(root, "dashboard/web/built/quietround.css"))) fail("the pages are not built: npm run build:web");

const key = theKey(keyFile);
const packages = packagesList(root);
const { files, vkey } = signRelease({ root, config, key, name, number, packages });
process.stdout.write(
  `release ${number}: ${files} files and ${packages.split("\n").length - 1} of packages, signed as ${vkey}\nin ${dirname(resolve(config))}: packages.list, release.list, release.note, release.vkey. Give the ward's account no right to write there.\n`,
);

function theKey(path: string): KeyObject {
  if (options["new-key"]) {
    if (existsSync(path)) fail(`${path} is there already: a key is never written over`);
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    writeFileSync(path, pem, { mode: 0o600, flag: "wx" });
  }
  try {
    const found = createPrivateKey(readFileSync(path));
    if (found.asymmetricKeyType !== "ed25519") fail(`${path} is no Ed25519 key`);
    return found;
  } catch (cause) {
    return fail(
      `the key ${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)}); --new-key makes one`,
    );
  }
}
