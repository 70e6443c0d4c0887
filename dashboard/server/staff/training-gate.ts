import type { FastifyReply } from "fastify";
import type { Opening } from "../page-trail.ts";
import type { Pages } from "../pages.ts";
import type { Who } from "../sessions.ts";

/** Of one person's pages: what keeps somebody safe, or says what was seen, is everybody's. */
const everybodys = /\/(check|turn-off|stop-everything|pause)$/;

/**
 * Somebody without current training in this system sees the board and goes to alarms, and no more of one person (undefined: goes
 * on). The refusal is an entry in the log, as an opening is.
 */
export async function trainingFirst(
  pages: Pages,
  reply: FastifyReply,
  who: Extract<Who, { is: "staff" }>,
  opening: Opening,
): Promise<FastifyReply | undefined> {
  if (who.untrained !== true || everybodys.test(opening.page)) return undefined;
  const words =
    "No current training in this system is written down for you. You see the board, go to alarms and write down checks as everybody does. Pages of one person and orders open once the nurse in charge has written it down, under “Staff and setting up”.";
  return pages.open(
    reply,
    "problem.njk",
    who,
    { ...opening, refused: "untrained" },
    { title: "Training first", words },
    403,
  );
}
