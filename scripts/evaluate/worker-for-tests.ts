import { sectionsForTests } from "./sections-for-tests.ts";
import { serveSection } from "./serve-section.ts";

await serveSection(sectionsForTests);
