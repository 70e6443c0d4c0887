import type { Sense } from "../../../../edge-agent/contract/config.ts";
import type { BedsideView } from "../../../../edge-agent/contract/live.ts";
import { senseFacts } from "../../../words/offer-here.ts";
import type { PictureName } from "../../../words/picture-paths.ts";
import type { Saying } from "../../../words/saying.ts";

export interface Fact {
  readonly picture: PictureName;
  readonly words: string;
  /** What the room's sensors can and cannot sense, or who looks. */
  readonly about: "senses" | "people";
}

/** What the sensors of this room can and cannot see, who can look, and that checks go on. */
export function facts(senses: readonly Sense[], saying: Saying): Fact[] {
  const people = (picture: PictureName, words: string): Fact => ({ picture, words, about: "people" });
  return [
    ...senseFacts(senses, saying).map((fact): Fact => ({ ...fact, about: "senses" })),
    people("nurses", saying.say("whoSees")),
    people("in-person", saying.say("staffCheck")),
  ];
}

/** Who has this person's page open now; empty: nobody. */
export function openedWords({ openedBy, consents }: BedsideView, saying: Saying): string[] {
  const breathing = consents.some(
    ({ purpose, state }) => purpose === "breathing-rate" && (state === "granted" || state === "best-interests"),
  );
  const who = openedBy.map(({ role, name }) => saying.staff(role, name));
  return [...new Set(who)].map((one) => saying.say(breathing ? "openedBreathing" : "opened", { who: one }));
}
