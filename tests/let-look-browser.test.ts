import { describe, expect, test } from "vitest";
import { AdvocateAsk } from "../edge-agent/contract/advocate.ts";
import type { AskResult } from "../edge-agent/contract/asks.ts";
import { decideRecords } from "../edge-agent/io/records-desk.ts";
import * as screen from "./dashboard-browser.ts";
import { browser, fits, inThePersonsPages, page, phone, shot, signIn, stay, ward } from "./person-browser.ts";

/* From the touch at the bed to an advocate's screen and back. The answers are those of the real desk over the real records. */

const now = () => ({ utcMs: Date.now(), monoNs: 0n });

describe.skipIf(!screen.haveBrowser)("a person lets somebody look with them", () => {
  inThePersonsPages();

  test("gives a code, is told of each look, and ends it with one touch", async () => {
    const letIn = new Map<string, AskResult>();
    ward.agent.decideElse = (ask, who) => {
      const read = AdvocateAsk.safeParse(ask);
      if (!read.success) return undefined;
      const actor = who?.is === "bedside" ? ({ kind: "bedside", bed: who.bed, stay: who.stay } as const) : undefined;
      const told = decideRecords(read.data, actor, ward.records, now());
      if (told !== undefined && "is" in told && told.is === "advocate" && told.session !== null) {
        letIn.set(told.session, told);
        ward.agent.sessions.set(told.session, { ...told, session: null });
      }
      if (read.data.do === "end-looks") for (const token of letIn.keys()) ward.agent.sessions.delete(token);
      return told;
    };
    const row = { table: "stay", id: stay.id, bed: "room-1", label: stay.label, demonstration: false } as const;
    ward.records.commit([], [{ ...row, startedAtUtcMs: Date.now() - 3_600_000 }], now());

    await signIn("nurse-code");
    await screen.pairAt(page, ward.url);
    await page.goto(`${ward.url}/bedside/ask`);
    await page.getByRole("link", { name: "Let somebody look with you" }).click();
    await page.getByText("Nobody may look now.").waitFor();
    await shot("let-look");
    await page.getByRole("button", { name: "For 1 day" }).click();
    const code = (await page.locator(".qr-place__code").textContent()) ?? "";
    expect(code).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
    await shot("let-look-code");

    const advocate = await (await browser.newContext({ viewport: phone })).newPage();
    await advocate.goto(`${ward.url}/advocate`);
    await advocate.getByLabel("Their code").fill("WRNG-CODE");
    await advocate.getByLabel("Your name").fill("Lena Okafor");
    await advocate.getByRole("button", { name: "Look" }).click();
    await advocate.getByText("This code is unknown, used or too old.").first().waitFor();
    await advocate.getByLabel("Their code").fill(code.toLowerCase());
    await advocate.getByRole("button", { name: "Look" }).click();
    await advocate.getByRole("heading", { name: /^What is recorded of A\.B\./ }).waitFor();
    expect(await screen.violationsOf(advocate)).toEqual([]);
    await advocate.screenshot({ path: `${screen.shots}/advocate.png`, fullPage: true });
    expect(ward.readings.at(-1)).toMatchObject({
      action: "page.open",
      actor: { kind: "advocate", bed: "room-1", stay: stay.id },
      detail: { page: "/advocate", stay: stay.id, purposeOfEvent: "PATRQT" },
    });
    // Of this person only, and no other page.
    for (const path of ["/ward", "/person/room-1", "/governance", "/bedside"])
      expect(new URL((await advocate.request.get(ward.url + path)).url()).pathname).toMatch(/^\/(sign-in|pair|badge)$/);

    await page.goto(`${ward.url}/bedside/who-looked`);
    expect(await page.textContent("main")).toMatch(/Somebody with your code opened a page about you/);
    await page.goto(`${ward.url}/bedside/let-look`);
    await page.getByText(/^Somebody may look until/).waitFor();
    expect(await fits()).toBeLessThanOrEqual(0);
    await page.getByRole("button", { name: "Stop it" }).click();
    await page.getByText("Nobody may look now.").waitFor();
    await expect
      .poll(async () => {
        await advocate.reload();
        return advocate.getByLabel("Their code").count();
      })
      .toBe(1);
    await advocate.context().close();
  }, 90_000);
});
