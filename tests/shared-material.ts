import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The one place that knows where recordings and published vectors lie: beside the project, never inside it. */
const shared = fileURLToPath(new URL("../../shared/", import.meta.url));

export const recordingsPath = `${shared}recordings`;
export const vectorsPath = `${shared}vectors`;
export const haveRecordings = existsSync(`${recordingsPath}/README.md`);
export const haveVectors = existsSync(`${vectorsPath}/README.md`);
