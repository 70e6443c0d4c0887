/*
 * A picture for each idea, drawn for this project: strokes in a field of 48 by 48. Pages that the server renders and the
 * islands show the same ones; words beside them say the same.
 */

const person = "M16 17a6 6 0 1 0 12 0a6 6 0 1 0-12 0 M11 41v-4a11 11 0 0 1 22 0v4";
const heart = (x: number, y: number) =>
  `M${x} ${y}c-5-3-7-5-7-8a3.500 3.500 0 0 1 7-1a3.500 3.500 0 0 1 7 1c0 3-2 5-7 8z`;
const around = "M5 24a19 19 0 1 0 38 0a19 19 0 1 0-38 0";
const camera = "M7 15h8l3-5h12l3 5h8v23H7z M17 26a7 7 0 1 0 14 0a7 7 0 1 0-14 0";
const bubble = "M6 9h36v23H24l-9 8v-8H6z";
const face = "M5 24a19 19 0 1 0 38 0a19 19 0 1 0-38 0 M17 19v2 M31 19v2";

export const picturePaths = {
  /** Waves from a small box on the wall to somebody lying in bed. */
  radar:
    "M5 8h8v10H5z M18 8c3 3 3 7 0 10 M24 5c5 5 5 11 0 16 M6 42V30 M6 37h36v5 M13 33a3 3 0 1 0 6 0a3 3 0 1 0-6 0 M23 37c0-6 19-6 19 0",
  /** A few large blocks: somebody lying down, as coarse as a depth sensor records it. */
  depth: "M4 8h40v32H4z M9 21h6v7H9z M18 17h11v14H18z M29 20h10v8H29z",
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
  pause: `${around} M19 16v16 M29 16v16`,
  again: `${around} M20 15l13 9l-13 9z`,
  yes: `${around} M14 25l7 7l13-15`,
  no: `${around} M16 16l16 16 M32 16L16 32`,
  about: `${around} M18 19c0-8 12-8 12 0c0 5-6 5-6 10 M24 34v1`,
  ask: `${bubble} M14 17h20 M14 24h13`,
  how: `${face} M16 29c4 6 12 6 16 0`,
  good: `${face} M16 29c4 6 12 6 16 0`,
  okay: `${face} M16 31h16`,
  "not-good": `${face} M16 33c4-6 12-6 16 0`,
  /** A lock that is shut. */
  proof: "M10 21h28v21H10z M16 21v-6a8 8 0 0 1 16 0v6 M24 29v6",
  language: `${around} M5 24h38 M24 5c-12 11-12 27 0 38 M24 5c12 11 12 27 0 38`,
  larger: "M4 38L15 10l11 28 M8 29h14 M30 38l7-18l7 18 M32.500 32h9",
  "read-aloud": "M6 18h8l11-9v30l-11-9H6z M31 17c4 4 4 10 0 14 M36 11c8 8 8 18 0 26",
  /** Somebody in bed who turns over. */
  movement:
    "M5 18v25 M5 37h38v6 M43 37v-4a6 6 0 0 0-6-6H20v10 M9 30a3.500 3.500 0 1 0 7 0a3.500 3.500 0 1 0-7 0 M17 15a12 12 0 0 1 21 0 M39 7v8h-8",
  /** Lungs. */
  breathing:
    "M24 4v13l-6 5 M24 17l6 5 M18 20c-7 3-12 11-13 20c0 3 2 4 5 3.500c6-1 9-4 9-9z M30 20c7 3 12 11 13 20c0 3-2 4-5 3.500c-6-1-9-4-9-9z",
  /** A page about the night. */
  "night-report": "M9 4h20l10 10v30H9z M29 4v10h10 M24 19a9.500 9.500 0 1 0 9 13a8.500 8.500 0 0 1-9-13z",
  /** A calendar with bars. */
  "activity-summary": "M6 10h36v33H6z M6 19h36 M15 5v9 M33 5v9 M15 37v-5 M24 37V26 M33 37v-8",
  /** A clock that goes back. */
  "incident-review": "M11 13a18 18 0 1 1-5 14 M9 5v9h9 M24 14v11l8 5",
  "two-people":
    "M9 15a5 5 0 1 0 10 0a5 5 0 1 0-10 0 M4 40v-6a10 10 0 0 1 17-7 M29 15a5 5 0 1 0 10 0a5 5 0 1 0-10 0 M24 40v-6a10 10 0 0 1 20 0v6z",
  /** The moon and a star. */
  night: "M28 6a18 18 0 1 0 14 25a16 16 0 0 1-14-25z M38 8v9 M33.500 12.500h9",
  /** Somebody beside somebody, with a heart. */
  advocate: `M6 20a4.500 4.500 0 1 0 9 0a4.500 4.500 0 1 0-9 0 M3 43v-6a8 8 0 0 1 12-7 M25 11a6 6 0 1 0 12 0a6 6 0 1 0-12 0 M19 43V33a12 12 0 0 1 24 0v10 ${heart(31, 42)}`,
  /** A home with a heart. */
  family: `M4 24L24 6l20 18 M9 20v23h30V20 ${heart(24, 37)}`,
  /** Scales. */
  law: "M24 5v38 M14 43h20 M9 12h30 M9 12L3 27a6 6 0 0 0 12 0z M39 12l-6 15a6 6 0 0 0 12 0z",
  /** A box for keeping, struck through. */
  "not-kept": "M4 7h40v9H4z M8 16h32v26H8z M19 24h10 M4 45L44 3",
  /** A touch screen that shows a code. */
  pairing: "M11 4h26v40H11z M21 38h6 M18 17v.5 M24 17v.5 M30 17v.5 M18 25v.5 M24 25v.5 M30 25v.5",
  /** Waves to the ward computer, struck through. */
  "network-gone": "M4 19c12-11 28-11 40 0 M11 27c8-7 18-7 26 0 M18 34c4-3 8-3 12 0 M24 40v.5 M6 43L42 5",
  back: "M42 24H7 M20 10L6 24l14 14",
} as const;
export type PictureName = keyof typeof picturePaths;
