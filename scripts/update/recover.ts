import { join } from "node:path";
import { keep, type Updated } from "./carry-through.ts";
import { readJournal, removeJournal } from "./journal.ts";
import { writeNote } from "./notes.ts";
import { type UpdatePlace, wardService } from "./place.ts";
import { rollBack, rollBackAtStart } from "./roll-back.ts";
import { point } from "./swap.ts";
import { type Patience, watchHealth } from "./watch-health.ts";

/**
 * Finishes or undoes an update that was cut off. `atStart`: before the ward is started, as after a power cut; what was not yet found well
 * is then undone. While the ward runs, a release that was already started is watched to the end instead.
 */
export async function recover(place: UpdatePlace, atStart: boolean, patience: Patience): Promise<Updated> {
  const read = readJournal(place.prefix);
  if (read.is === "none") return { is: "nothing-to-do" };
  if (read.is === "unreadable")
    return {
      is: "stuck",
      words: `${read.path} cannot be read: see which release ${place.prefix}/current names, and docs/update.md`,
    };
  const { journal } = read;
  switch (journal.stage) {
    case "keeping":
      if (!atStart) return keep(place, journal);
      point(join(place.prefix, "recover"), `releases/${journal.to}`);
      writeNote(place, {
        step: "kept",
        from: journal.from,
        to: journal.to,
        words: `release ${journal.to} runs, and is kept`,
      });
      removeJournal(place.prefix);
      return { is: "kept" };
    case "starting": {
      if (atStart) return rollBackAtStart(place, journal);
      place.services.reload();
      if (place.services.status(wardService).state !== "active") place.services.start(wardService);
      const ill = await watchHealth(place, journal, journal.to, patience);
      return ill === undefined ? keep(place, journal) : rollBack(place, { ...journal, why: ill }, patience, () => {});
    }
    case "stopping":
    case "swapping":
    case "rolling-back":
      return atStart ? rollBackAtStart(place, journal) : rollBack(place, journal, patience, () => {});
  }
}
