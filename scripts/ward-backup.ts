import "../edge-agent/platform/node-version.ts";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { KeyError, readStationKey } from "../edge-agent/platform/keys.ts";
import { StoreError } from "../edge-agent/records/store-error.ts";
import { takeBackup } from "./backup/take.ts";
import { readArguments } from "./read-arguments.ts";

const usage = `npm run ward:backup -- --data DIR --to DIR [--config FILE]

Copies the databases of a ward, running or not, and its configuration into a new folder below --to, signed with the station's key.
Private keys are never in it: keep data/keys (and the key of what is sealed, docs/data-at-rest.md) in another place, or a backup is
worth nothing to you, or everything to a thief.

--config  the ward's configuration; left out: the one in the data folder
`;
const options = readArguments(usage, {
  data: { type: "string" },
  to: { type: "string" },
  config: { type: "string" },
});
function fail(words: string): never {
  process.stderr.write(`${words}\n\n${usage}`);
  process.exit(2);
}
const { data, to } = options;
if (data === undefined || to === undefined) fail("--data and --to are needed");
const configFile = options.config ?? join(data, "site.json");
if (!existsSync(configFile)) fail(`there is no configuration ${configFile}`);
if (!existsSync(join(data, "ward.sqlite"))) fail(`there is no ward.sqlite in ${data}`);
if (`${resolve(to)}/`.startsWith(`${resolve(data)}/`)) fail("--to lies in the data folder: it would be lost with it");
try {
  const from = {
    dataDir: data,
    configFile,
    key: readStationKey(data),
    vkeyLine: readFileSync(join(data, "keys", "station.vkey"), "utf8"),
  };
  let said = "";
  const taken = await takeBackup(from, to, Date.now(), (name, done) => {
    const line = `${name} ${Math.floor(done * 10) * 10} %`;
    if (line !== said) process.stderr.write(`${line}\n`);
    said = line;
  });
  const mb = taken.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  process.stdout.write(
    `${taken.folder}: ${taken.files.length} files, ${mb.toFixed(1)} MB, ${taken.entries} entries of the audit log\n`,
  );
} catch (cause) {
  if (!(cause instanceof KeyError || cause instanceof StoreError || (cause instanceof Error && "code" in cause)))
    throw cause;
  process.stderr.write(`NO BACKUP was made: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
