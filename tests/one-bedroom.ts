import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const demonstration = fileURLToPath(new URL("../config/demonstration.json", import.meta.url));

/** The demonstration's ward with its first bedroom alone, as a file in `folder`: what is not about many rooms need not start six. */
export function oneBedroom(folder: string): string {
  const site = JSON.parse(readFileSync(demonstration, "utf8"));
  const path = join(folder, "one-bedroom.json");
  writeFileSync(path, JSON.stringify({ ...site, beds: site.beds.slice(0, 1) }));
  return path;
}
