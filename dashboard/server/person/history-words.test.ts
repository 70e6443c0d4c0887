import { expect, test } from "vitest";
import { historyLines } from "./history-words.ts";

const decision = {
  decision: "So that he sleeps.",
  impairment: "Delirium.",
  unableTo: ["weigh"],
  helpGiven: "Pictures.",
  assessor: "Dr Ade",
  consulted: "His sister.",
  attorneyOrDeputy: null,
  noAdvanceRefusal: true,
  assessAgainAfterHours: 24,
} as const;
const activation = {
  concern: "falls",
  alternatives: ["checks-in-person-only", "another"],
  words: "A low bed was tried.",
  reviewAfterHours: 72,
  hours: { fromHour: 22, toHour: 7 },
  askAgainEveryHours: null,
} as const;

test("a decision for a person is told with the concern, what less was thought of, and the whole test", () => {
  const change = {
    purpose: "movement-alerts",
    state: "best-interests",
    atUtcMs: 0,
    by: "Ada Obi",
    byPerson: false,
  } as const;
  const [line] = historyLines(
    [
      {
        ...change,
        untilUtcMs: 1,
        record: {
          is: "best-interests",
          ...decision,
          unableTo: [...decision.unableTo],
          activation: { ...activation, alternatives: [...activation.alternatives] },
        },
      },
    ],
    0,
    "Europe/London",
  );
  const text = line?.lines.join("\n") ?? "";
  expect(line?.what).toContain("decided in the person’s best interests by Ada Obi");
  for (const told of [
    "For: ",
    "Less was thought of: ",
    "A low bed was tried.",
    "Ends after 3 days. Hours: 22:00 to 07:00.",
    "Because of: Delirium.",
    "Assessed by Dr Ade",
  ])
    expect(text).toContain(told);
  const [earlier] = historyLines(
    [
      {
        ...change,
        untilUtcMs: 1,
        record: { is: "best-interests", ...decision, unableTo: ["weigh"], activation: null },
      },
    ],
    0,
    "Europe/London",
  );
  expect(earlier?.lines[0]).toMatch(/^Cannot: /);
});
