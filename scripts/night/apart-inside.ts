import "../../edge-agent/platform/node-version.ts";
import type { Machines } from "./namespaces.ts";
import { nightApart } from "./part-apart.ts";

/* Started by part-apart.ts in the station's namespace: node apart-inside.ts MACHINES FOLDER */

const [machines, folder] = process.argv.slice(2);
if (machines === undefined || folder === undefined) {
  process.stderr.write("started by: npm run night -- c --namespaces\n");
  process.exit(2);
}
await nightApart(JSON.parse(machines) as Machines, folder);
process.exit(0);
