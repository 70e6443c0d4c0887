import { describe, expect, test } from "vitest";
import { AlarmPolicy } from "../../../edge-agent/contract/alarm-policy.ts";
import { hourMs } from "../../../edge-agent/contract/consent.ts";
import { CareOrder, nothingOrdered } from "../../../edge-agent/contract/people.ts";
import { bedTileFixtures } from "../../web/components/bed-tile/fixtures.ts";
import { orderedWords } from "../../words/order-words.ts";
import type { Body } from "./form-body.ts";
import { orderForm, readOrder } from "./order-form.ts";
import { limitsOffered } from "./order-limits.ts";

const nowUtcMs = Date.UTC(2026, 10, 22, 2, 14);
const policy = AlarmPolicy.parse({});
const moment = (change = {}) => ({
  policy,
  tile: { ...bedTileFixtures.calm, order: null },
  tellsPlace: true,
  nowUtcMs,
  timeZone: "Europe/London",
  ...change,
});
const rowsOf = (change = {}, body: Body = {}) => orderForm(moment(change), body).groups.flatMap(({ rows }) => rows);
const chosen = (list: readonly { chosen: boolean; value: string }[]) =>
  list.filter((one) => one.chosen).map(({ value }) => value);

describe("the form of an order", () => {
  test("has a row for what this release is made for, the most urgent first, and every row off", () => {
    expect(orderForm(moment(), {}).groups.map(({ title, rows }) => [title, rows.map(({ part }) => part)])).toEqual([
      ["Go now", ["onFloor"]],
      ["Go and see", ["noMovement", "breathing", "cannotSeeBreathing", "notBack", "leftBed", "secondPerson"]],
      ["Look in", ["edgeOfBed", "rateUnavailable"]],
    ]);
    expect(rowsOf().flatMap(({ limits }) => chosen(limits))).toEqual(rowsOf().map(() => ""));
    const parts = (intendedUse: string) =>
      rowsOf({ policy: { ...policy, intendedUse } }).map(({ part }) => String(part));
    expect(parts("information")).not.toContain("breathing");
    expect(parts("alarm")).toContain("breathingStopped");
  });

  test("begins with what is on now, also where no form offers that limit", () => {
    const order = { ...nothingOrdered, leftBed: { afterMs: 77_000 }, by: "A", reason: "B" };
    const row = rowsOf({ tile: { ...bedTileFixtures.calm, order } }).find(({ part }) => part === "leftBed");
    expect(chosen(row?.limits ?? [])).toEqual(["77000"]);
    expect(row?.limits.find((one) => one.chosen)?.words).toBe("After 77 s");
  });

  test("says what watches nothing yet: no consent, or no sensor that sees it", () => {
    const waits = Object.fromEntries(
      rowsOf({ tile: bedTileFixtures.movementOnly, tellsPlace: false }).map((row) => [row.part, row.waits]),
    );
    expect(waits.leftBed).toBeNull();
    expect(waits.breathing).toMatch(/^Waits: .* is not on\.$/);
    expect(waits.onFloor).toBe("No sensor in this room can see it.");
    expect(waits.cannotSeeBreathing).toMatch(/^Waits: .* This room has a radar alone: .* Order “left bed” as well\.$/);
  });

  test("every limit that it offers is one that the contract takes", () => {
    for (const [part, limits] of Object.entries(limitsOffered)) {
      for (const limit of limits) {
        const body = { reason: "r", hours: "4", [part]: String(limit), breathingLow: "9", breathingHigh: "24" };
        expect(readOrder({ ...policy, intendedUse: "alarm" }, "Ada", body, nowUtcMs)).toMatchObject({ ok: true });
      }
    }
  });
});

describe("an order that was sent", () => {
  const body = { leftBed: "300000", breathing: "30000", breathingLow: "9", breathingHigh: "24", hours: "12" };

  test("is off wherever nothing was chosen, and ends", () => {
    const read = readOrder(policy, "Ada", { ...body, reason: " Fell  twice " }, nowUtcMs);
    expect(read).toEqual({
      ok: true,
      value: CareOrder.parse({
        ...nothingOrdered,
        leftBed: { afterMs: 300_000 },
        breathing: { lowPerMin: 9, highPerMin: 24, forMs: 30_000 },
        untilUtcMs: nowUtcMs + 12 * hourMs,
        by: "Ada",
        reason: "Fell twice",
      }),
    });
    if (read.ok)
      expect(orderedWords(read.value)).toEqual(["Breathing below 9 or above 24 a minute, 30 s.", "Out of bed, 5 min."]);
  });

  test("is not taken without a reason, an end, limits that make sense, or for what the release does not know", () => {
    const ids = (change: Body) => {
      const read = readOrder(policy, "Ada", { ...body, reason: "r", ...change }, nowUtcMs);
      return read.ok ? [] : read.errors.map(({ id }) => id);
    };
    expect(ids({ reason: "" })).toEqual(["reason"]);
    expect(ids({ hours: "" })).toEqual(["hours"]);
    expect(ids({ breathingLow: "24", breathingHigh: "20" })).toEqual(["breathing"]);
    expect(ids({ leftBed: "1" })).toEqual(["leftBed"]);
    expect(ids({ notBack: "300000" })).toEqual(["notBack"]);
    expect(ids({ notBack: "900000" })).toEqual([]);
    const read = readOrder(policy, "Ada", { ...body, reason: "r", breathingStopped: "15000" }, nowUtcMs);
    expect(read).toMatchObject({ ok: true, value: { breathingStopped: null } });
  });
});
