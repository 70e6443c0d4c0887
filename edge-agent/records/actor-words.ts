import type { Actor } from "../contract/people.ts";

/** How a row names who did it. */
export function actorWords(actor: Actor): string {
  switch (actor.kind) {
    case "staff":
    case "setup":
      return actor.name;
    case "bedside":
      return "the person, at the bedside";
    case "advocate":
      return "whom the person let look";
    case "system":
      return actor.part;
  }
}
