import { usualPlaces } from "../scripts/install/plan.ts";
import { placeIn } from "../scripts/update/place.ts";
import { runUpdate } from "../scripts/update/run.ts";
import { servicesBy } from "../scripts/update/services.ts";

/* An update that loses its power at one of its stages: update-child.ts ROOT SYSTEMCTL RELEASE STAGE */

const [root = "", systemctl = "", release = "", last = ""] = process.argv.slice(2);
const place = placeIn(root, usualPlaces, servicesBy(systemctl), (line) => void process.stdout.write(`${line}\n`));
await runUpdate(place, {
  ...{ release, beside: undefined, dryRun: false, oneWay: false },
  patience: { readyMs: 60_000, steadyMs: 0 },
  onStage: (stage) => {
    if (stage === last) process.kill(process.pid, "SIGKILL");
  },
});
