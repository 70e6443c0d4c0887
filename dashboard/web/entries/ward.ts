import { askAs } from "../ask.ts";
import { liveSource } from "../live-connection.ts";
import { startLockStrip } from "../lock-strip.ts";
import { NurseStation } from "../nurse-station.ts";
import { part } from "../part.ts";

const places = JSON.parse(part("beds").dataset.places ?? "[]") as { bed: string; name: string }[];
new NurseStation(places, askAs("staff")).start(liveSource("staff"));
startLockStrip();
