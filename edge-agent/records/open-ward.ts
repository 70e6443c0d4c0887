import { type KeyObject, sign as signBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readVkey, type Signer } from "../audit/note.ts";
import { type LogOwner, originAt } from "../audit/origin.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { SiteConfig } from "../contract/config.ts";
import type { AuditStoreOptions } from "./audit-store.ts";
import { type DataKeyOptions, settleDataKey } from "./data-key-place.ts";
import { WardRecords } from "./ward.ts";

export interface OpenOptions {
  /** First part of the log's origin, from the site's configuration. */
  readonly domain: string;
  readonly key: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  /** A UUID of this run of the process. */
  readonly boot: string;
  readonly cfgSha256: string | null;
  readonly modelSha256: string | null;
  readonly stamp: Stamp;
  /** Of the ward (IANA); left out: what the database was told before. */
  readonly timeZone?: string;
  /** Left out: the key is where an earlier start found it, or a credential. */
  readonly dataKey?: DataKeyOptions;
}

/** What a site's configuration says of its records. */
export const recordsOfSite = ({
  consent,
  dataKeyFile,
  demonstration,
  development,
}: Pick<SiteConfig, "consent" | "dataKeyFile" | "demonstration" | "development">): Pick<
  OpenOptions,
  "timeZone" | "dataKey"
> => ({
  timeZone: consent.timeZone,
  dataKey: { file: dataKeyFile, mayMake: demonstration || development },
});

/** Opens `<data>/ward.sqlite`, made where there is none, and checks it. Throws StoreError. */
export function openWard(path: string, options: OpenOptions): WardRecords {
  if (options.dataKey !== undefined) settleDataKey(dirname(path), options.dataKey);
  const records = new WardRecords(path, logOptions(path, "station", options), options.timeZone);
  records.start();
  return records;
}

/** Ed25519 with a key that the caller holds. */
export function signerOf(privateKey: KeyObject): Signer {
  return (bytes) => new Uint8Array(signBytes(null, bytes, privateKey));
}

/**
 * The log is named as its public key in `<data>/keys/` says; where no such file lies beside the database, by the domain
 * and the year. A log keeps its name into the next year: it stands in every checkpoint.
 */
export function logOptions(path: string, owner: LogOwner, options: OpenOptions): AuditStoreOptions {
  const file = join(dirname(path), "keys", `${owner}.vkey`);
  const named = existsSync(file) ? readVkey(readFileSync(file, "utf8"))?.name : undefined;
  return {
    origin: named ?? originAt(options.domain, owner, options.stamp.utcMs),
    sign: signerOf(options.key.privateKey),
    publicKey: options.key.publicKey,
    boot: options.boot,
    cfgSha256: options.cfgSha256,
    modelSha256: options.modelSha256,
  };
}
