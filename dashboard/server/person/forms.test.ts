import { describe, expect, test } from "vitest";
import { ConsentPolicy } from "../../../edge-agent/contract/consent.ts";
import { isFewer } from "../../../edge-agent/contract/local-hour.ts";
import { activationForm, readActivation, reviewChoices } from "./activation-form.ts";
import { readAdmission, readNeeds } from "./admission-form.ts";
import { readBestInterests } from "./best-interests-form.ts";
import { bodyOf, textOf } from "./form-body.ts";
import { hoursWords, minutesWords, momentWords, spanWords } from "./moment-words.ts";
import { readReview, useWords } from "./review-form.ts";

const policy = ConsentPolicy.parse({});
const ids = (read: { ok: boolean; errors?: readonly { id: string }[] }) => read.errors?.map(({ id }) => id) ?? [];
const offer = {
  concern: "falls",
  alternatives: "fewer-hours",
  reviewAfterHours: "72",
  hours: "night",
  askAgainEveryHours: "never",
};

describe("what a browser sent", () => {
  test("is text in one line, whatever came", () => {
    expect(textOf(bodyOf({ words: " a\r\n  b " }), "words")).toBe("a b");
    expect(textOf(bodyOf({ words: ["a", "b"] }), "words")).toBe("b");
    for (const body of [null, 7, "x", [], { words: { deep: 1 } }]) expect(textOf(bodyOf(body), "words")).toBe("");
  });
});

describe("an offer", () => {
  test("has nothing chosen that is a decision, and the least as its default", () => {
    const form = activationForm(policy, "breathing-rate", policy.reviewDaysMax, {});
    expect([...form.concerns, ...form.alternatives].filter(({ chosen }) => chosen)).toEqual([]);
    const chosen = (list: typeof form.reviews) => list.filter((one) => one.chosen).map(({ value }) => value);
    expect([chosen(form.reviews), chosen(form.hours), chosen(form.askAgains)]).toEqual([["168"], ["night"], ["never"]]);
    expect(chosen(activationForm(policy, "night-report", 28, {}).hours)).toEqual(["all"]);
  });

  test("reaches no further than the site's maximum", () => {
    expect(reviewChoices(28, "").map(({ words }) => words)).toEqual([
      "1 day",
      "3 days",
      "1 week",
      "2 weeks",
      "4 weeks",
    ]);
    expect(reviewChoices(2, "").map(({ value, chosen }) => [value, chosen])).toEqual([
      ["24", false],
      ["48", true],
    ]);
    expect(reviewChoices(10, "").at(-1)).toEqual({ value: "240", words: "10 days", chosen: false });
  });

  test("is read whole, and what is missing is named field by field", () => {
    expect(readActivation(policy, offer)).toMatchObject({
      ok: true,
      value: { concern: "falls", alternatives: ["fewer-hours"], hours: policy.quietHours, askAgainEveryHours: null },
    });
    expect(ids(readActivation(policy, {}))).toEqual(["concern", "alternatives", "reviewAfterHours"]);
    expect(ids(readActivation(policy, { ...offer, concern: "another" }))).toEqual(["words"]);
    expect(ids(readActivation(policy, { ...offer, hours: "other", fromHour: "3", toHour: "3" }))).toEqual(["hours"]);
    expect(ids(readActivation(policy, { ...offer, words: "x".repeat(201) }))).toEqual(["words"]);
  });
});

describe("a review", () => {
  const review = { outcome: "keep", words: "", reviewAfterHours: "168", hours: "night" };
  test("wants words to keep it, and none for less", () => {
    expect(ids(readReview(policy, { hours: null }, review))).toEqual(["words"]);
    expect(readReview(policy, { hours: null }, { ...review, words: "Slept through" })).toMatchObject({
      value: { outcome: "keep", hours: null },
    });
    expect(readReview(policy, { hours: null }, { ...review, outcome: "stop" }).ok).toBe(true);
    expect(ids(readReview(policy, { hours: null }, { ...review, outcome: "" }))).toContain("outcome");
  });

  test("fewer hours are fewer", () => {
    const night = { fromHour: 22, toHour: 7 };
    expect(isFewer(night, null)).toBe(true);
    expect(isFewer({ fromHour: 23, toHour: 6 }, night)).toBe(true);
    expect(isFewer(night, night)).toBe(false);
    expect(isFewer({ fromHour: 8, toHour: 9 }, night)).toBe(false);
    expect(isFewer(null, night)).toBe(false);
    const fewer = { ...review, outcome: "fewer-hours" };
    expect(ids(readReview(policy, { hours: night }, fewer))).toEqual(["hours"]);
    expect(readReview(policy, { hours: null }, fewer)).toMatchObject({ value: { hours: night } });
  });

  test("says what was used, and says where that cannot be read", () => {
    const now = Date.UTC(2026, 10, 22, 12);
    const since = now - 3 * 3_600_000;
    const words = (sensedMin: number | null, openings: number) =>
      useWords({ sinceUtcMs: since, sensedMin, openings }, now, "Europe/London").slice(1);
    expect(words(125, 1)).toEqual(["Recorded in 2 h 5 min of 3 h.", "Staff looked at this person’s pages once."]);
    expect(words(0, 0)).toEqual(["Nothing was recorded.", "Staff looked at this person’s pages not once."]);
    expect(words(null, 3)[0]).toBe("It runs no sensor by itself.");
    expect(useWords(null, now, "Europe/London")).toEqual(["What was used cannot be read now."]);
  });
});

describe("a decision in a person's best interests", () => {
  const whole = {
    ...offer,
    decision: "She fell twice",
    impairment: "Delirium",
    unableTo: ["weigh"],
    helpGiven: "Pictures",
    assessor: "Dr R. Osei",
    consulted: "Her sister",
    attorney: "none",
    noAdvanceRefusal: "yes",
    assessAgainAfterHours: "24",
  };
  test("is read where every part of it is there", () => {
    expect(readBestInterests(policy, whole)).toMatchObject({
      ok: true,
      value: { record: { attorneyOrDeputy: null, noAdvanceRefusal: true, unableTo: ["weigh"] } },
    });
  });

  test.each([
    ["decision", "decision"],
    ["impairment", "impairment"],
    ["unableTo", "unableTo"],
    ["helpGiven", "helpGiven"],
    ["assessor", "assessor"],
    ["consulted", "consulted"],
    ["attorney", "attorney"],
    ["noAdvanceRefusal", "noAdvanceRefusal"],
    ["concern", "concern"],
  ])("is refused without %s", (name, id) => {
    const { [name as keyof typeof whole]: _, ...rest } = whole;
    expect(ids(readBestInterests(policy, rest))).toEqual([id]);
  });

  test("names the attorney where there is one, and assesses again before it ends", () => {
    expect(ids(readBestInterests(policy, { ...whole, attorney: "one" }))).toEqual(["attorneyOrDeputy"]);
    expect(readBestInterests(policy, { ...whole, attorney: "one", attorneyOrDeputy: "Her son: agrees" })).toMatchObject(
      { value: { record: { attorneyOrDeputy: "Her son: agrees" } } },
    );
    expect(ids(readBestInterests(policy, { ...whole, assessAgainAfterHours: "168" }))).toEqual([
      "assessAgainAfterHours",
    ]);
  });
});

test("an admission wants a label, an age and a language; needs are read as they are", () => {
  expect(ids(readAdmission({}))).toEqual(["label", "adult", "needs"]);
  expect(readAdmission({ label: "A.B.", adult: "yes", language: "ur", readAloud: "yes" })).toMatchObject({
    value: { label: "A.B.", adult: "yes", needs: { language: "ur", readAloud: true, largeText: false, words: null } },
  });
  expect(ids(readNeeds({ language: "<b>" }))).toEqual(["language"]);
});

test("times are those of the ward's wall clock", () => {
  const now = Date.UTC(2026, 5, 10, 1, 30);
  expect(momentWords(now, now, "Europe/London")).toBe("today 02:30");
  expect(momentWords(now - 3 * 3_600_000, now, "Europe/London")).toBe("yesterday 23:30");
  expect(momentWords(now + 24 * 3_600_000, now, "Europe/London")).toBe("tomorrow 02:30");
  expect(momentWords(now + 5 * 24 * 3_600_000, now, "Europe/London")).toBe("Mon 15 Jun, 02:30");
  expect([spanWords(24), spanWords(72), spanWords(336), spanWords(5)]).toEqual([
    "1 day",
    "3 days",
    "2 weeks",
    "5 hours",
  ]);
  expect([hoursWords({ fromHour: 22, toHour: 7 }), hoursWords(null)]).toEqual([
    "22:00 to 07:00",
    "the whole day and night",
  ]);
  expect([minutesWords(12), minutesWords(65), minutesWords(120), minutesWords(2_465)]).toEqual([
    "12 min",
    "1 h 5 min",
    "2 h",
    "41 h",
  ]);
});
