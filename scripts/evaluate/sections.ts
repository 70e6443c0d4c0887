import { bedSections } from "./bed-section.ts";
import { cessation, quietNights } from "./cessation-section.ts";
import { depthSections } from "./depth-section.ts";
import { depthSilence } from "./depth-silence-section.ts";
import { intervalSections } from "./interval-section.ts";
import { nightSection } from "./night-section.ts";
import { oracleSection } from "./oracle-section.ts";
import { radarSections } from "./radar-section.ts";
import { realA121 } from "./real-a121.ts";
import { realRealsense } from "./real-realsense.ts";
import { realTi } from "./real-ti.ts";
import type { Section } from "./section.ts";
import { sideBySide } from "./side-by-side.ts";
import { silenceSections } from "./silence-section.ts";

/** In the order of the report. */
export const sections: readonly Section[] = [
  ...radarSections,
  ...depthSections,
  nightSection,
  oracleSection,
  ...intervalSections,
  ...silenceSections,
  depthSilence,
  ...bedSections,
  cessation,
  quietNights,
  sideBySide,
  realA121,
  realRealsense,
  realTi,
];
