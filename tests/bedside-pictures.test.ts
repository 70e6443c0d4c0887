import sharp from "sharp";
import { expect, test } from "vitest";
import { purposeCards, wholeChoices } from "../dashboard/web/components/bedside/choices.ts";
import { facts } from "../dashboard/web/components/bedside/facts.ts";
import { bedsideFixtures } from "../dashboard/web/components/bedside/fixtures.ts";
import { english, spokenEnglish } from "../dashboard/words/bedside-language.ts";
import { aboutPictures, purposePictures, seenByPictures } from "../dashboard/words/idea-pictures.ts";
import { type PictureName, picturePaths } from "../dashboard/words/picture-paths.ts";
import { Saying } from "../dashboard/words/saying.ts";
import { purposes } from "../edge-agent/contract/words.ts";

/* A picture for each idea, for somebody who reads little or not at all. */

const names = Object.keys(picturePaths) as PictureName[];
/** In px, as a panel shows it. */
const side = 96;
const linesOf = async (name: PictureName) => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 48 48"><rect width="48" height="48" fill="#fff"/><path d="${picturePaths[name]}" fill="none" stroke="#000" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
  return sharp(Buffer.from(svg)).greyscale().raw().toBuffer();
};

test.each(names)("%s is drawn inside its field, neither empty nor a blot", async (name) => {
  const pixels = await linesOf(name);
  const dark = pixels.reduce((count, value) => count + (value < 128 ? 1 : 0), 0) / pixels.length;
  expect(dark).toBeGreaterThan(0.04);
  expect(dark).toBeLessThan(0.45);
  const edge = [...pixels].filter((value, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    return value < 128 && (x === 0 || y === 0 || x === side - 1 || y === side - 1);
  });
  expect(edge).toEqual([]);
});

test("every purpose, who sees it, and every line of the explanation has a picture of its own", () => {
  expect(new Set(purposes.map((purpose) => picturePaths[purposePictures[purpose]])).size).toBe(purposes.length);
  for (const purpose of purposes) expect(names).toContain(seenByPictures[purpose]);
  expect(aboutPictures.map((part) => part.length)).toEqual(
    spokenEnglish.pages.about.parts.map(({ lines }) => lines.length),
  );
  for (const part of aboutPictures) expect(new Set(part).size).toBe(part.length);
});

test("what is told apart by words is told apart by pictures", () => {
  const apart: readonly (readonly PictureName[])[] = [
    ["yes", "no"],
    ["stop", "pause", "again"],
    ["good", "okay", "not-good"],
    ["radar", "depth", "no-camera", "no-sound", "not-kept", "nurses", "in-person", "opened"],
    [
      "movement",
      "breathing",
      "night-report",
      "activity-summary",
      "incident-review",
      "night",
      "advocate",
      "network-gone",
      "pairing",
    ],
  ];
  for (const group of apart) expect(new Set(group.map((name) => picturePaths[name])).size).toBe(group.length);
});

test("every button that stops, starts, says yes or says no carries its picture, in every state", () => {
  const saying = new Saying(english);
  const moment = { nowMs: 0, utcMs: Date.UTC(2026, 10, 22, 21, 4), live: true };
  let seen = 0;
  for (const { view } of Object.values(bedsideFixtures)) {
    if (view === null) continue;
    const whole = wholeChoices(view, new Map(), moment, saying);
    for (const touch of [whole.stop, whole.again]) if (touch !== null) expect(names).toContain(touch.picture);
    for (const { touches, question } of purposeCards(view, new Map(), moment, saying)) {
      expect(touches.every(({ picture }) => picture !== null)).toBe(true);
      if (question !== null) expect(touches.map(({ picture }) => picture)).toEqual(["yes", "no"]);
      seen += touches.length;
    }
    for (const { picture } of facts(view.senses, saying)) expect(names).toContain(picture);
  }
  expect(seen).toBeGreaterThan(20);
});
