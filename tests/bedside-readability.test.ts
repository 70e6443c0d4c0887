import { expect, test } from "vitest";
import { spokenEnglish } from "../dashboard/words/bedside-language.ts";
import { gradeOf, sentencesOf, syllablesIn, wordsIn } from "./readability.ts";

/* Every English text of the screen at a bed, for somebody who is tired, afraid, or reads little. */

const sentenceWordsMax = 15;
/** Flesch-Kincaid: of a child of eleven. */
const gradeMax = 6;
/** Of a shorter text the grade says more of one long name than of how hard it is. */
const gradedWordsMin = 8;

/** Words of those who build it, run it or govern it. */
const jargon =
  /algorithm|sensor data|consent|\baudit|\blease|\bhash|checkpoint|signature|\broot\b|database|\bserver|network|browser|session|offline|\bMQTT|processing|inference|neural|biometric|\bPIN\b|monitor|non-contact|vital sign|respirat|parameter|configur|enable|disable|activate|retain|data subject|controller|withdraw|revoke/i;
/** Words that warn, blame or ask for a reason. */
const pressing = /warning|danger|\brisk|\bmust\b|are you sure|reason why|refuse|comply|should\b|required/i;

const textsOf = (value: unknown, at: string): (readonly [at: string, text: string])[] =>
  typeof value === "string"
    ? [[at, value]]
    : Object.entries(value as object).flatMap(([key, one]) => textsOf(one, `${at}.${key}`));
const { words, purposes, roles, offers, pages } = spokenEnglish;
const texts = textsOf({ words, purposes, roles, offers, pages }, "english");
const saying = (wrong: (text: string) => boolean): string[] =>
  texts.filter(([, text]) => wrong(text)).map(([at, text]) => `${at}: ${text}`);

test("every text is looked at", () => {
  expect(texts.length).toBeGreaterThan(170);
  for (const at of [
    "words.stopNow",
    "pages.about.parts.0.lines.0",
    "pages.proof.limits.1",
    "offers.night-report.senses",
  ])
    expect(texts.map(([where]) => where)).toContain(`english.${at}`);
});

test("no sentence is longer than 15 words", () => {
  const long = (text: string) => sentencesOf(text).some((sentence) => wordsIn(sentence).length > sentenceWordsMax);
  expect(saying(long)).toEqual([]);
});

test("no text is harder than grade 6", () => {
  expect(saying((text) => wordsIn(text).length >= gradedWordsMin && gradeOf([text]) > gradeMax)).toEqual([]);
  expect(gradeOf(texts.map(([, text]) => text))).toBeLessThan(3);
});

test("no jargon, and nothing that warns, blames or asks for a reason", () => {
  expect(saying((text) => jargon.test(text))).toEqual([]);
  expect(saying((text) => pressing.test(text))).toEqual([]);
});

test("the measure tells hard from easy", () => {
  const hard = "The organisation processes pseudonymised physiological information for continuous quality improvement.";
  expect(gradeOf([hard])).toBeGreaterThan(12);
  expect(gradeOf(["You can stop it at any time. Nobody asks why."])).toBeLessThan(2);
  expect(["bed", "turned", "counted", "table", "breathing", "anybody"].map(syllablesIn)).toEqual([1, 1, 2, 2, 2, 4]);
  expect(sentencesOf("One. Two? 3.")).toEqual(["One.", "Two?"]);
});
