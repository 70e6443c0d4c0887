import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

/*
 * Exports the audit logs of agent and dashboard, while both run. Ends with 0, 1 where a log could not be exported, 2
 * where it was called wrongly.
 */

const usage = `usage: npm run audit:export -- --data DIR --out DIR [--with-personal-data] [--tiles]

  --data                the data folder of the installation
  --out                 a new folder: ward/, dashboard/ (the logs) and keys/ (their public keys)
  --with-personal-data  also what the entries only commit to: keep such an export as you would the patient's record
  --tiles               also as static tiles (c2sp.org/tlog-tiles), which programs for transparency logs read
`;

// better-sqlite3 crashes without a word on an older runtime: say so before it is loaded.
if (Number(process.versions.node.split(".")[0]) < 22) {
  process.stderr.write(`Node ${process.version} is too old: use npm run audit:export\n`);
  process.exit(2);
}
const { exportLog } = await import("../edge-agent/records/export-log.ts");
const { StoreError } = await import("../edge-agent/records/store-error.ts");

interface Asked {
  readonly data: string;
  readonly out: string;
  readonly personalData: "left-out" | "included";
  readonly tiles: boolean;
}

function main(args: readonly string[]): 0 | 1 | 2 {
  const asked = readArgs(args);
  if (asked === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const databases = (["ward", "dashboard"] as const).filter((name) => existsSync(join(asked.data, `${name}.sqlite`)));
  if (databases.length === 0) {
    process.stderr.write(`there is no ward.sqlite and no dashboard.sqlite in ${asked.data}\n`);
    return 1;
  }
  let exit: 0 | 1 = 0;
  for (const name of databases) if (!exportOne(name, asked)) exit = 1;
  copyPublicKeys(asked);
  return exit;
}

function exportOne(name: string, asked: Asked): boolean {
  try {
    const path = join(asked.data, `${name}.sqlite`);
    const { origin, entries, checkpoints, unsigned } = exportLog(path, join(asked.out, name), asked);
    process.stdout.write(`${name}: ${entries} entries, ${checkpoints} checkpoints of ${origin}\n`);
    if (unsigned > 0) {
      process.stdout.write(
        `${name}: left out as not signed yet, ${unsigned} newer: a running ward signs within a second\n`,
      );
    }
    return true;
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    process.stderr.write(`${name}: ${cause.message}\n`);
    return false;
  }
}

/** Only *.vkey: the private keys lie in the same folder. */
function copyPublicKeys(asked: Asked): void {
  const keys = join(asked.data, "keys");
  if (!existsSync(keys)) return;
  mkdirSync(join(asked.out, "keys"), { recursive: true });
  for (const file of readdirSync(keys).filter((name) => name.endsWith(".vkey"))) {
    copyFileSync(join(keys, file), join(asked.out, "keys", file));
  }
}

function readArgs(args: readonly string[]): Asked | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        data: { type: "string" },
        out: { type: "string" },
        "with-personal-data": { type: "boolean", default: false },
        tiles: { type: "boolean", default: false },
      },
    });
    if (values.data === undefined || values.out === undefined) return undefined;
    const personalData = values["with-personal-data"] ? "included" : "left-out";
    return { data: values.data, out: values.out, personalData, tiles: values.tiles };
  } catch {
    return undefined;
  }
}

process.exitCode = main(process.argv.slice(2));
