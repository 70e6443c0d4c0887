import { askAs } from "../ask.ts";
import { Bedside } from "../bedside.ts";
import { liveSource } from "../live-connection.ts";
import { part } from "../part.ts";

const { bed = "", stay = "" } = part("choices").dataset;
new Bedside({ bed, stay }, askAs("bedside")).start(liveSource("bedside"));
