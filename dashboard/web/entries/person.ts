import { leaveWhenLocked } from "../idle-lock.ts";
import { liveSource } from "../live-connection.ts";
import { openPerson } from "../openings.ts";
import { part } from "../part.ts";
import { PersonPage } from "../person-page.ts";

const { bed = "", places = "[]", idleSec } = part("maincontent").dataset;
new PersonPage(bed, JSON.parse(places)).start(liveSource("staff"));
openPerson(bed);
leaveWhenLocked(Number(idleSec));
