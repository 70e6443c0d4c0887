import { realA121 } from "./real-a121.ts";
import type { Section } from "./section.ts";
import { sideBySide } from "./side-by-side.ts";

/** In the order of the report. */
export const sections: readonly Section[] = [sideBySide, realA121];
