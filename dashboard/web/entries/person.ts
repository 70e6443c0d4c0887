import { StationSound } from "../alarm-signals/station-sound.ts";
import { askAs } from "../ask.ts";
import { keepBoardLight } from "../board-light.ts";
import { leaveWhenLocked } from "../idle-lock.ts";
import { liveSource } from "../live-connection.ts";
import { openPerson } from "../openings.ts";
import { part } from "../part.ts";
import { PersonPage } from "../person-page.ts";
import { wardSoundAsks } from "../ward-sound-asks.ts";

const { bed = "", places = "[]", inCharge, pauseSec, idleSec } = part("maincontent").dataset;
const asks = wardSoundAsks(askAs("staff"), { inCharge: inCharge === "yes", pauseSec: Number(pauseSec) });
new PersonPage(bed, JSON.parse(places), new StationSound("aside", asks)).start(liveSource("staff"));
openPerson(bed);
keepBoardLight();
leaveWhenLocked(Number(idleSec));
