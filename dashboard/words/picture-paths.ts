/*
 * A picture for each idea, drawn for this project: strokes in a field of 48 by 48. Pages that the server renders and the
 * islands show the same ones; words beside them say the same.
 */

const person = "M16 17a6 6 0 1 0 12 0a6 6 0 1 0-12 0 M11 41v-4a11 11 0 0 1 22 0v4";
const camera = "M7 15h8l3-5h12l3 5h8v23H7z M17 26a7 7 0 1 0 14 0a7 7 0 1 0-14 0";
const bubble = "M6 9h36v23H24l-9 8v-8H6z";
const face = "M5 24a19 19 0 1 0 38 0a19 19 0 1 0-38 0 M17 19v2 M31 19v2";

export const picturePaths = {
  /** Waves from a small box on the wall to somebody lying in bed. */
  radar:
    "M5 8h8v10H5z M18 8c3 3 3 7 0 10 M24 5c5 5 5 11 0 16 M6 42V30 M6 37h36v5 M13 33a3 3 0 1 0 6 0a3 3 0 1 0-6 0 M23 37c0-6 19-6 19 0",
  /** The coarse heights that a depth sensor records of somebody lying down. */
  depth:
    "M6 8h36v32H6z M6 16h36 M6 24h36 M6 32h36 M15 8v32 M24 8v32 M33 8v32 M18 20h3v1h-3z M27 28h3v1h-3z M18 28h3v1h-3z M27 20h3v1h-3z",
  "no-camera": `${camera} M5 43L43 5`,
  "no-sound": "M18 10a6 6 0 0 1 12 0v13a6 6 0 0 1-12 0z M11 22a13 13 0 0 0 26 0 M24 35v7 M17 42h14 M5 43L43 5",
  /** Somebody with a badge. */
  nurses: `${person} M36 10v10 M31 15h10`,
  /** Somebody in the open door. */
  "in-person": "M6 43V6h24v37 M3 43h42 M34 19a4 4 0 1 0 8 0a4 4 0 1 0-8 0 M32 43V33a6 6 0 0 1 12 0v10 M24 24v3",
  /** An open eye. */
  opened: "M4 24c10-17 30-17 40 0c-10 17-30 17-40 0z M17 24a7 7 0 1 0 14 0a7 7 0 1 0-14 0",
  /** A flat hand. */
  stop: "M14 27V12a3 3 0 0 1 6 0v10 V8a3 3 0 0 1 6 0v14 V10a3 3 0 0 1 6 0v13 v-7a3 3 0 0 1 6 0v15c0 8-5 12-12 12c-7 0-9-3-12-8l-6-10c-2-3 2-6 5-3z",
  pause: "M5 24a19 19 0 1 0 38 0a19 19 0 1 0-38 0 M19 16v16 M29 16v16",
  again: "M5 24a19 19 0 1 0 38 0a19 19 0 1 0-38 0 M20 15l13 9l-13 9z",
  about: "M5 24a19 19 0 1 0 38 0a19 19 0 1 0-38 0 M18 19c0-8 12-8 12 0c0 5-6 5-6 10 M24 34v1",
  ask: `${bubble} M14 17h20 M14 24h13`,
  how: `${face} M16 29c4 6 12 6 16 0`,
  good: `${face} M16 29c4 6 12 6 16 0`,
  okay: `${face} M16 31h16`,
  "not-good": `${face} M16 33c4-6 12-6 16 0`,
  /** A lock that is shut. */
  proof: "M10 21h28v21H10z M16 21v-6a8 8 0 0 1 16 0v6 M24 29v6",
  language: "M5 24a19 19 0 1 0 38 0a19 19 0 1 0-38 0 M5 24h38 M24 5c-12 11-12 27 0 38 M24 5c12 11 12 27 0 38",
  larger: "M4 38L15 10l11 28 M8 29h14 M30 38l7-18l7 18 M32.500 32h9",
  "read-aloud": "M6 18h8l11-9v30l-11-9H6z M31 17c4 4 4 10 0 14 M36 11c8 8 8 18 0 26",
  back: "M42 24H7 M20 10L6 24l14 14",
} as const;
export type PictureName = keyof typeof picturePaths;
