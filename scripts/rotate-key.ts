import "../edge-agent/platform/node-version.ts";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { vkeyOf, writeVkey } from "../edge-agent/audit/note.ts";
import { nextKey, takeNextKey } from "../edge-agent/platform/key-change.ts";
import { KeyError, type KeyPair, readDashboardKey, readStationKey } from "../edge-agent/platform/keys.ts";
import { AuditStore } from "../edge-agent/records/audit-store.ts";
import { dashboardMigrations } from "../edge-agent/records/dashboard-log.ts";
import { currentKey, handOver } from "../edge-agent/records/key-rotation.ts";
import { openSealedForWriting } from "../edge-agent/records/open.ts";
import { signerOf } from "../edge-agent/records/open-ward.ts";
import { StoreError } from "../edge-agent/records/store-error.ts";
import { wardMigrations } from "../edge-agent/records/ward-schema.ts";
import { lockData } from "./data-lock.ts";

/*
 * npm run audit:rotate: another key for a log, while the ward is stopped. The old key signs the hand-over; where it was lost, the entry
 * says so and a reader has to be given the new public key by another way. Cut off at any point, it is called again and goes on.
 */

const usage = `usage: npm run audit:rotate -- --data DIR --log station|dashboard [--lost "why the old key is gone"]

  The ward has to be stopped. Afterwards take the new public key (data/keys/<log>.vkey) down beside the old one.
`;

function fail(words: string): never {
  process.stderr.write(`${words}\n\n${usage}`);
  process.exit(2);
}

const { values } = parseArgs({
  options: { data: { type: "string" }, log: { type: "string" }, lost: { type: "string" } },
});
const { data, log: owner, lost } = values;
if (data === undefined || (owner !== "station" && owner !== "dashboard")) fail("--data and --log are needed");
if (lost === "") fail("--lost wants the reason");
const lock = lockData(data);
if (lock.is === "taken") fail(`a ward is running over ${data} (process ${lock.pid}): stop it first`);
process.on("exit", () => lock.release());
const file = join(data, owner === "station" ? "ward.sqlite" : "dashboard.sqlite");

try {
  const from = currentKey(file);
  const next = nextKey(data, owner);
  const to = vkeyOf(from.name, next.publicKey);
  if (lost !== undefined) {
    const old = oldKey();
    if (old !== undefined) fail("the old key is here: it can hand over itself, without --lost");
    withStore(next, (store) => store.checkOnStart({ reason: lost, stamp: stamp() }));
  } else {
    const old = oldKey() ?? fail("the old key is not here; where it is lost for good say --lost");
    const intent = handOver(file, to, signerOf(next.privateKey));
    if (intent !== undefined) {
      withStore(old, (store, db) => {
        store.checkOnStart();
        db.transaction(() => store.append(intent, stamp())).immediate();
      });
    }
  }
  takeNextKey(data, owner, writeVkey(to));
  process.stdout.write(`${from.name} is signed from now on by\n${writeVkey(to)}\n`);
} catch (cause) {
  if (!(cause instanceof StoreError || cause instanceof KeyError)) throw cause;
  process.stderr.write(`${cause.message}\n`);
  process.exitCode = 1;
}

function withStore(key: KeyPair, work: (store: AuditStore, db: ReturnType<typeof openSealedForWriting>) => void): void {
  const db = openSealedForWriting(file, owner === "station" ? wardMigrations : dashboardMigrations);
  try {
    const provenance = { boot: randomUUID(), cfgSha256: null, modelSha256: null };
    const origin = currentKey(file).name;
    const store = new AuditStore(db, {
      origin,
      sign: signerOf(key.privateKey),
      publicKey: key.publicKey,
      ...provenance,
    });
    work(store, db);
    store.checkpoint();
  } finally {
    db.close();
  }
}

function oldKey(): KeyPair | undefined {
  try {
    return owner === "station" ? readStationKey(data ?? "") : readDashboardKey(data ?? "");
  } catch (cause) {
    if (cause instanceof KeyError && cause.code === "missing") return undefined;
    throw cause;
  }
}

function stamp() {
  return { utcMs: Date.now(), monoNs: process.hrtime.bigint() };
}
