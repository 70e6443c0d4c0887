import { askAs } from "../ask.ts";
import { Bedside, type BedsidePlace } from "../bedside.ts";
import { liveSource } from "../live-connection.ts";
import { part } from "../part.ts";
import { offerReading } from "../read-aloud.ts";
import { guardWays } from "../safe-ways.ts";

const place = JSON.parse(part("glance").dataset.place ?? "{}") as BedsidePlace;
new Bedside(place, askAs("bedside")).start(liveSource("bedside"));
offerReading(part("read-aloud"), part("maincontent"));
guardWays();
// Without it the screen works as well, until somebody loads it anew while the ward computer is away.
navigator.serviceWorker?.register("/bedside/worker.js", { scope: "/bedside" }).catch(() => {});
