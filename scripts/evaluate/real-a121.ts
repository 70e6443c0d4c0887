import { haveRecordings } from "../../tests/shared-material.ts";
import { recordingFigures } from "../card-figures.ts";
import { openRadarModels, roomEstimatesOf } from "../radar-run.ts";
import { type Row, row, type Section, type Target } from "./section.ts";

const condition = "breathing-sitting, 30 s";
const wanted: readonly (readonly [key: string, figure: string, unit: string, target: Target])[] = [
  ["shownPercent", "seconds with a rate shown", "%", { atLeast: 70 }],
  ["within1PerMinPercent", "shown within 1 /min of the vendor's rate", "%", { atLeast: 90 }],
  ["largestDifferencePerMin", "largest difference from the vendor's rate", "/min", { atMost: 2 }],
];
/** Seconds of the recording in which the vendor has a rate. */
const secondsMin = 12;

export const realA121: Section = {
  name: "real-a121",
  title: "A real A121 beside its vendor's method",
  seconds: { quick: 1, full: 1 },
  async run() {
    const radar = await openRadarModels();
    const figures = haveRecordings
      ? await recordingFigures((frames) => roomEstimatesOf(frames, radar, "in-bed"))
      : undefined;
    const n = figures?.seconds ?? 0;
    const rows: Row[] = wanted.map(([key, figure, unit, target]) =>
      row({ condition, figure, value: figures?.[key] ?? null, unit, n, target, nMin: secondsMin }),
    );
    rows.push(
      row({
        condition,
        figure: "mean difference from the vendor's rate",
        value: figures?.meanDifferencePerMin ?? null,
        unit: "/min",
        n,
      }),
    );
    return {
      rows,
      figures: [],
      notes: [
        "One staged recording of one person: its seconds overlap, so there is no interval. Nothing was trained on it.",
        ...(figures === undefined ? ["The recordings are not beside the project, so nothing was measured."] : []),
      ],
    };
  },
};
