import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vkeyOf, writeVkey } from "../audit/note.ts";
import { verifyLog } from "../audit/verify.ts";
import { openDashboardLog } from "./dashboard-log.ts";
import { exportLog } from "./export-log.ts";
import { logOptions } from "./open-ward.ts";
import { readExport } from "./read-export.ts";
import { at, intent, logOptionsOf, scratchFolder, vkey } from "./records-for-tests.ts";

let folder: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  folder = scratchFolder();
});
afterEach(() => folder.done());

describe("the dashboard's log", () => {
  it("goes on where it was, and verifies", () => {
    const path = join(folder.path, "dashboard.sqlite");
    for (const run of [0, 1]) {
      const log = openDashboardLog(path, logOptionsOf());
      log.append(intent("page.open", { stay: `s${run}` }), at(run));
      log.append(intent("sign-in.refused"), at(run));
      log.close();
      log.close();
    }
    const log = openDashboardLog(path, logOptionsOf());
    log.append(intent("page.open"), at(9));
    log.close();
    const exported = exportLog(path, join(folder.path, "out"), { personalData: "left-out" });
    expect(exported).toMatchObject({ entries: 5, checkpoints: 3, unsigned: 0 });
    const verdict = verifyLog(readExport(join(folder.path, "out")), { vkeys: [vkey], known: [] });
    expect(verdict).toMatchObject({ ok: true, entries: 5, signedEntries: 5 });
    expect(() => openDashboardLog(path, logOptionsOf({ origin: "elsewhere" }))).toThrow(/refused/);
  });

  it("is named as the public key in the data folder says, else by domain and year", () => {
    const key = generateKeyPairSync("ed25519");
    const path = join(folder.path, "dashboard.sqlite");
    const asked = { domain: "w7.example", key, boot: randomUUID(), cfgSha256: null, modelSha256: null, stamp: at(0) };
    expect(logOptions(path, "dashboard", asked).origin).toBe("w7.example/audit-dashboard/2026");
    expect(logOptions(path, "station", asked).origin).toBe("w7.example/audit/2026");
    mkdirSync(join(folder.path, "keys"));
    const line = writeVkey(vkeyOf("w7.example/audit-dashboard/2025", key.publicKey));
    writeFileSync(join(folder.path, "keys", "dashboard.vkey"), `${line}\n`);
    expect(logOptions(path, "dashboard", asked).origin).toBe("w7.example/audit-dashboard/2025");
  });
});
