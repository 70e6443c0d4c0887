import { expect, test } from "vitest";
import type { ElementSpec } from "../../render.ts";
import { bedTileFixtures } from "../bed-tile/fixtures.ts";
import { outcomeList } from "./alarm-outcome.ts";
import { endingsOf } from "./endings.ts";
import { outcomeFixtures } from "./fixtures.ts";

const bed = (name: string, tile: (typeof outcomeFixtures)["two"] | typeof bedTileFixtures.calm) => ({
  bed: name,
  name,
  heard: { tile, heardAtMs: 0 },
});
const endings = endingsOf([bed("Room 1", bedTileFixtures.calm), bed("Room 4", outcomeFixtures.two)]);
const buttonsOf = (spec: ElementSpec): ElementSpec[] =>
  spec.children.flatMap((child) =>
    child === null || typeof child === "string" ? [] : child.tag === "button" ? [child] : buttonsOf(child),
  );

test("the one that waits longest is asked first, and a bed of which nothing was heard asks nothing", () => {
  expect(endings.map(({ id }) => id)).toEqual(["over-made-up-2", "over-made-up-1"]);
  expect(endingsOf([{ bed: "room-9", name: "Room 9", heard: null }])).toEqual([]);
});

test("one touch answers; a false alarm is told only with its reason", () => {
  const said: unknown[] = [];
  const touches = {
    say: (...all: readonly unknown[]) => said.push(all.slice(1)),
    askWhy: (ending: unknown) => said.push(["ask", ending !== null]),
  };
  const press = (spec: ElementSpec | undefined, words: string) =>
    buttonsOf(spec as ElementSpec)
      .find(({ children }) => children[0] === words)
      ?.onClick?.(new Event("click"));
  const [how] = outcomeList(endings, null, new Set(), touches);
  press(how, "Helped");
  press(how, "False alarm");
  const [why] = outcomeList(endings, endings[0]?.id ?? "", new Set(), touches);
  press(why, "A visitor");
  press(why, "Back");
  expect(said).toEqual([
    ["helped", null],
    ["ask", true],
    ["false-alarm", "visitor"],
    ["ask", false],
  ]);
});

test("while it is told nobody can touch it again, and no more than three ask at once", () => {
  const nobody = { say: () => {}, askWhy: () => {} };
  const [first] = outcomeList(endings, null, new Set([endings[0]?.id ?? ""]), nobody);
  expect(buttonsOf(first as ElementSpec)).toEqual([]);
  const many = [...endings, ...endings, ...endings].map((one, index) => ({ ...one, id: `${one.id}-${index}` }));
  const list = outcomeList(many, null, new Set(), nobody);
  expect(list).toHaveLength(4);
  expect(list.at(-1)?.children).toEqual(["And 3 more to say."]);
});
