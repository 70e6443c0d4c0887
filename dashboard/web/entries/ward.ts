import { StationSound } from "../alarm-signals/station-sound.ts";
import { askAs } from "../ask.ts";
import { keepBoardLight } from "../board-light.ts";
import type { Place } from "../heard-beds.ts";
import { liveSource } from "../live-connection.ts";
import { startLockStrip } from "../lock-strip.ts";
import { NurseStation } from "../nurse-station.ts";
import { part } from "../part.ts";
import { wardSoundAsks } from "../ward-sound-asks.ts";

const { places: told = "[]", inCharge, pauseSec } = part("beds").dataset;
const places = JSON.parse(told) as Place[];
const ask = askAs("staff");
const asks = wardSoundAsks(ask, { inCharge: inCharge === "yes", pauseSec: Number(pauseSec) });
new NurseStation(places, ask, new StationSound("board", asks)).start(liveSource("staff"));
keepBoardLight();
startLockStrip();
