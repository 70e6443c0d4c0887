import { watchAlarms } from "../alarm-watch.ts";
import type { Place } from "../heard-beds.ts";
import { leaveWhenLocked } from "../idle-lock.ts";
import { liveSource } from "../live-connection.ts";
import { part } from "../part.ts";

const { clinical, places = "[]", idleSec } = part("maincontent").dataset;
// An engineer has no alarms to miss.
if (clinical === "yes") watchAlarms(JSON.parse(places) as Place[], liveSource("staff"));
leaveWhenLocked(Number(idleSec));
document.getElementById("faults")?.focus();
