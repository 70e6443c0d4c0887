import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { checkPack } from "../edge-agent/audit/pack.ts";
import { AccessAsk } from "../edge-agent/contract/access.ts";
import type { AskResult } from "../edge-agent/contract/asks.ts";
import type { Refused } from "../edge-agent/contract/refused.ts";
import { decideRecords } from "../edge-agent/io/records-desk.ts";
import * as screen from "./dashboard-browser.ts";
import { fits, inThePersonsPages, page, phone, shot, signIn, stay, ward } from "./person-browser.ts";

/* Two people at two screens open one person's records. The answers are those of the real desk over the real records. */

const now = () => ({ utcMs: Date.now(), monoNs: 0n });
function answeredByTheDesk(): void {
  ward.agent.decideElse = (ask, who): AskResult | Refused | undefined => {
    const read = AccessAsk.safeParse(ask);
    if (!read.success || who?.is !== "staff") return undefined;
    const { id, name, role } = who;
    return decideRecords(read.data, { kind: "staff", id, name, role }, ward.records, now());
  };
}
const entryOfLook = expect.objectContaining({
  detail: expect.objectContaining({
    page: "/access/records",
    bed: "room-1",
    stay: stay.id,
    purposeOfEvent: "BTG",
    access: 1,
    told: true,
  }),
});
function filesOf(zip: Uint8Array) {
  const files = new Map(Object.entries(unzipSync(zip)));
  return { files, faults: checkPack(files, []).faults.map(({ fault }) => fault) };
}
const button = (name: string | RegExp) => page.getByRole("button", { name });

describe.skipIf(!screen.haveBrowser)("records, with a second person", () => {
  inThePersonsPages();

  test("an emergency look: asked for, agreed to, read, told to the person, and reviewed", async () => {
    answeredByTheDesk();
    const begun = Date.now() - 3_600_000;
    const row = { table: "stay", id: stay.id, bed: "room-1", label: stay.label, demonstration: false } as const;
    ward.records.commit([], [{ ...row, startedAtUtcMs: begun }], now());

    await signIn("nurse-code");
    await page.getByRole("link", { name: "Records, with a second person" }).click();
    expect(await page.getByRole("link", { name: "Hold records after an incident" }).count()).toBe(0);
    await page.getByRole("link", { name: /^Emergency look/ }).click();
    await button("Ask a second person").click();
    await page.getByText("Choose the bed.").first().waitFor();
    await shot("access-ask");
    await page.getByLabel("Which bed?").selectOption({ label: "Room 1" });
    await page.getByLabel(/^Why are the records needed/).fill("Found unwell, the history is needed");
    await button("Ask a second person").click();
    await page.getByText(/^Waits for a second person/).waitFor();
    const address = page.url();
    expect(await button(/I agree/).count()).toBe(0);
    expect((await page.request.get(`${address}/records`)).status()).toBe(409);

    await signIn("charge-code");
    await page.goto(address);
    await shot("access-agree");
    await button(/I agree/).click();
    await page.getByText(/^Open until/).waitFor();
    await page.getByRole("link", { name: "Read the records" }).click();
    await page.getByRole("heading", { name: "Every decision about consent" }).waitFor();
    await shot("access-records");
    expect(await screen.violationsOf(page)).toEqual([]);
    await page.setViewportSize(phone);
    expect(await fits()).toBeLessThanOrEqual(0);
    // The person sees it at their bed, now and later.
    const bedside = await page.context().newPage();
    bedside.setDefaultTimeout(20_000);
    await screen.pairAt(bedside, ward.url);
    await bedside.screenshot({ path: `${screen.shots}/access-bedside.png` });
    await bedside.getByText("The nurse in charge has your page open now.").waitFor();
    await bedside.goto(`${ward.url}/bedside/who-looked`);
    expect(await bedside.textContent("main")).toContain("Because of an emergency. Two members of staff agreed.");
    await bedside.close();
    expect(ward.readings.filter(({ action }) => action === "page.open")).toContainEqual(entryOfLook);
    const file = await page.request.post(`${address}/export`, { headers: { origin: ward.url } });
    const { files, faults } = filesOf(await file.body());
    expect([...files.keys()].sort()).toEqual(expect.arrayContaining(["data/records.json", "manifest.note"]));
    // Whole, and signed by a key that nobody here trusts.
    expect(faults).toEqual(["signature"]);
    expect(ward.readings.at(-1)).toMatchObject({
      action: "access.export",
      detail: { purposeOfEvent: "BTG", access: 1 },
    });

    await signIn("lead-code");
    await page.goto(address);
    expect((await page.request.get(`${address}/records`)).status()).toBe(409);
    await button("Write the review down").click();
    await page.getByText("Choose whether it was right.").first().waitFor();
    await page.getByLabel("It was right").check();
    await page.getByLabel(/^What did you find/).fill("The history was needed");
    await button("Write the review down").click();
    await page.getByText(/It was right. The history was needed/).waitFor();
    await button("End it now").click();
    await page.getByText(/^Over since/).waitFor();

    await signIn("charge-code");
    expect((await page.request.get(`${address}/records`)).status()).toBe(409);
    // Nothing was asked of the sensors, by anybody.
    const asked = new Set(ward.agent.asks.map(({ ask }) => ask.do));
    for (const act of ["turn-on", "resume", "offer", "best-interests", "order"]) expect(asked).not.toContain(act);
  }, 90_000);
});
