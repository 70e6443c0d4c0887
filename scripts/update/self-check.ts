import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { credentialName, dataKeyPlace } from "../../edge-agent/records/data-key-place.ts";
import { openSealedShut } from "../../edge-agent/records/open.ts";
import { giveTo } from "../backup/put-back.ts";

const checkMsMax = 180_000;
const lastWordsMax = 400;

export interface ToCheck {
  /** Folder of the new release, which was verified. */
  readonly program: string;
  /** Its site.json and what lies beside it. */
  readonly siteFiles: ReadonlyMap<string, string>;
  /** Where its databases are copied from: a backup that was just taken. */
  readonly backup: string;
  readonly dataDir: string;
  /** The key of what is sealed, where the service gets it as a credential; null: the data folder says where it is. */
  readonly dataKey: string | null;
  /** A folder of root's on the same disk as the backups; it is empty again afterwards. */
  readonly scratch: string;
}

export type SelfCheck =
  | { readonly ok: true; readonly schemas: Readonly<Record<string, number>> }
  | { readonly ok: false; readonly words: string };

/**
 * Starts the agent of a release with `--check`: it opens its configuration, models, keys and copies of the ward's databases, changes their
 * schema where it is of a newer one, loads the models, and ends. It listens on nothing and touches nothing of the ward. As the account of the
 * service where root asks.
 */
export function selfCheck({ program, siteFiles, backup, dataDir, dataKey, scratch }: ToCheck): SelfCheck {
  const { uid, gid } = statSync(dataDir);
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(scratch, "check-"));
  try {
    const [data, site, credentials] = ["data", "site", "credentials"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const one of [data, site, credentials]) mkdirSync(one, { mode: 0o700 });
    for (const [name, text] of siteFiles) writeFileSync(join(site, name), text, { mode: 0o600 });
    for (const name of readdirSync(backup).filter((one) => one.endsWith(".sqlite")))
      copyFileSync(join(backup, name), join(data, name));
    for (const name of ["release.accepted", dataKeyPlace])
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(data, name));
    symlinkSync(join(dataDir, "keys"), join(data, "keys"));
    if (dataKey !== null) {
      copyFileSync(dataKey, join(credentials, credentialName));
      chmodSync(join(credentials, credentialName), 0o400);
    }
    const root = process.getuid?.() === 0;
    if (root) {
      giveTo(folder, { uid, gid });
      // The way there is root's alone.
      chownSync(scratch, uid, gid);
    }
    const run = (script: string, ...args: string[]) =>
      spawnSync(join(program, "node_modules/node/bin/node"), [join(program, script), ...args], {
        ...{ cwd: program, encoding: "utf8", timeout: checkMsMax },
        ...(root ? { uid, gid } : {}),
        env: {
          PATH: process.env.PATH,
          QUIETROUND_LOG: "json",
          ORT_DISABLE_TELEMETRY: "1",
          ...(dataKey === null ? {} : { CREDENTIALS_DIRECTORY: credentials }),
        },
      });
    const schemas = run("scripts/release-schemas.ts");
    const said = z.record(z.string(), z.int()).safeParse(jsonOf(schemas.stdout));
    if (schemas.status !== 0 || !said.success) return { ok: false, words: lastWords(schemas) };
    const checked = run("edge-agent/main.ts", "--check", "--config", join(site, "site.json"), "--data", data);
    return checked.status === 0 ? { ok: true, schemas: said.data } : { ok: false, words: lastWords(checked) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lastWords({ stderr, status, signal }: ReturnType<typeof spawnSync>): string {
  const words = String(stderr ?? "").trim();
  return words === "" ? `it ended with ${status ?? signal ?? "nothing"}` : words.slice(-lastWordsMax);
}

/** SQLite's user_version of each database. Throws StoreError. */
export function schemasOf(dataDir: string): Record<string, number> {
  return Object.fromEntries(
    readdirSync(dataDir)
      .filter((name) => name.endsWith(".sqlite"))
      .map((name) => {
        const db = openSealedShut(join(dataDir, name));
        try {
          return [name, Number(db.pragma("user_version", { simple: true }))];
        } finally {
          db.close();
        }
      }),
  );
}
