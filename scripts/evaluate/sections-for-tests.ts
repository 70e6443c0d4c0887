import { row, type Section } from "./section.ts";

/* Sections that measure nothing and end in every way in which one can end. */

const base = { seconds: { quick: 2, full: 4 } } as const;

export const sectionsForTests: readonly Section[] = [
  {
    ...base,
    name: "says-its-seed",
    title: "Says its seed",
    async run({ seed, quick, progress }) {
      progress(0.5, "half way");
      const value = row({ condition: quick ? "quick" : "full", figure: "seed", value: seed, unit: "", n: 1 });
      return { rows: [value], figures: [], notes: [] };
    },
  },
  {
    ...base,
    name: "throws",
    title: "Throws",
    run: () => Promise.reject(new Error("the model <is> gone")),
  },
  {
    ...base,
    name: "dies",
    title: "Dies",
    run: () => process.exit(7),
  },
  {
    ...base,
    name: "never-ends",
    title: "Never ends",
    run: ({ progress }) => {
      progress(0.1, `pid ${process.pid}`);
      return new Promise(() => setInterval(() => {}, 1_000));
    },
  },
];
