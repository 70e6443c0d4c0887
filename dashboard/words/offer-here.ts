import type { Sense } from "../../edge-agent/contract/config.ts";
import { type Purpose, sensingPurposes } from "../../edge-agent/contract/words.ts";
import type { OfferSentences } from "./offer-sentences.ts";
import type { PictureName } from "./picture-paths.ts";
import type { Saying } from "./saying.ts";

/* What is said of the sensors that a room really has, and "no camera" only where that is true. */

export interface SenseFact {
  readonly picture: PictureName;
  readonly words: string;
}

/** What they can and cannot sense. "No camera" only where none measures shapes: a depth sensor is named, as what it records. */
export function senseFacts(senses: readonly Sense[], saying: Saying): SenseFact[] {
  const depth = senses.includes("depth");
  return [
    ...(senses.includes("radar") ? [{ picture: "radar", words: saying.say("seesRadar") } as const] : []),
    ...(senses.includes("module") && !senses.includes("radar")
      ? [{ picture: "radar", words: saying.say("seesModule") } as const]
      : []),
    ...(depth ? [{ picture: "depth", words: saying.say("seesDepth") } as const] : []),
    depth || senses.length === 0
      ? { picture: "no-sound", words: saying.say("noSound") }
      : { picture: "no-camera", words: saying.say("noCamera") },
  ];
}

/** The sentences of an offer, true of this room. Staff read out the same ones that the person's screen shows. */
export function offerHere(senses: readonly Sense[], purpose: Purpose, saying: Saying): OfferSentences {
  const offer = saying.offer(purpose);
  if (!sensingPurposes.includes(purpose) || (senses.includes("radar") && !senses.includes("depth"))) return offer;
  const words = senseFacts(senses, saying).map((fact) => fact.words);
  return { ...offer, senses: words.join(" ") };
}
