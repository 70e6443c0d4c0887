import { generateKeyPairSync, sign } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readVkey } from "../edge-agent/audit/note.ts";
import type { Witness } from "../edge-agent/records/ask-witness.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { WatchedLog } from "../edge-agent/records/watched-log.ts";
import { WitnessDesk } from "../edge-agent/records/witness-desk.ts";
import * as screen from "./dashboard-browser.ts";
import { desk, fits, inThePersonsPages, page, phone, shot, signIn, ward } from "./person-browser.ts";

/* The state of the audit logs, as the governance lead reads it. */

const clock = { utcMs: () => Date.now(), monoMs: () => 0 };

describe.skipIf(!screen.haveBrowser)("the audit logs in the browser", () => {
  inThePersonsPages();

  test("are whole, cosigned by so many, and a witness that disagrees is named", async () => {
    await signIn("lead-code");
    await page.goto(`${ward.url}/governance/log`);
    expect(await page.getByText("Not yet").count()).toBe(2);

    const actor = { kind: "system", part: "test" } as const;
    const stamp = { utcMs: Date.now(), monoNs: process.hrtime.bigint() };
    ward.records.commit([{ action: "process.start", actor, outcome: 0, detail: {}, phi: null }], [], stamp);
    ward.records.checkpointIfDirty();
    const db = openForReading(ward.wardFile);
    const vkey = readVkey(String(db.prepare("SELECT vkey FROM log_identity").pluck().get()));
    db.close();
    if (vkey === undefined) throw new Error("the log has no key");
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const { x } = publicKey.export({ format: "jwk" });
    const own = new WitnessDesk(join(ward.wardFile, "..", "witness.sqlite"), {
      name: "w.example/1",
      publicKey: new Uint8Array(Buffer.from(x ?? "", "base64url")),
      sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
      nowSec: () => Math.floor(Date.now() / 1_000),
      logs: [vkey],
    });
    own.start();
    const watched = new WatchedLog(ward.wardFile, [vkey]);
    const good: Witness = { name: "this station", key: own.cosigner, post: async (request) => own.add(request) };
    const disputes: Witness = { ...good, name: "trust server", post: async () => ({ status: 409, text: "9000\n" }) };
    await watched.show([good, disputes], null);
    watched.verify([], clock);
    await page.reload();
    await page.getByText(/^Whole/).waitFor();
    await page.getByText(/^1 of 2, \d+ s ago/).waitFor();
    await page.getByText("Has seen more than is here: the log was set back").waitFor();
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.setViewportSize(phone);
    expect(await fits()).toBeLessThanOrEqual(0);
    await page.setViewportSize(desk);
    await shot("governance-log");

    expect(await page.getByText("No witness has agreed").count()).toBe(0);
    await watched.show([disputes], null);
    await page.reload();
    await page.getByText("No witness has agreed for 15 minutes.").waitFor();
    expect(await screen.violationsOf(page)).toEqual([]);
    watched.close();
    own.close();

    expect(ward.readings.filter(({ detail }) => detail.page === "/governance/log")).toHaveLength(3);
    await signIn("nurse-code");
    await page.goto(`${ward.url}/governance/log`);
    await page.getByText("Not for this role").waitFor();
    expect(ward.readings.at(-1)).toMatchObject({ action: "page.open", outcome: 4, detail: { refused: "not-allowed" } });
  });
});
