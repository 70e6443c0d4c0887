import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { purposes } from "../edge-agent/contract/words.ts";

const demonstration = fileURLToPath(new URL("../config/demonstration.json", import.meta.url));

/** The demonstration's ward with its first bedroom alone, as a file in `folder`: what is not about many rooms need not start six. */
export function oneBedroom(folder: string): string {
  const site = JSON.parse(readFileSync(demonstration, "utf8"));
  const path = join(folder, "one-bedroom.json");
  writeFileSync(path, JSON.stringify({ ...site, beds: site.beds.slice(0, 1) }));
  return path;
}

/** A data protection assessment that agrees with that ward, once the ward names its version. */
export const signedAssessment = {
  v: 1,
  version: "1.0",
  signedOn: "2026-11-01",
  signedBy: "Ada Lead",
  purposes,
  retention: {},
  intendedUse: "advisory",
};
