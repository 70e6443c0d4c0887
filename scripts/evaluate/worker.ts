import { sections } from "./sections.ts";
import { serveSection } from "./serve-section.ts";

await serveSection(sections);
