import type Database from "better-sqlite3";
import type { AskResult } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Feedback } from "../contract/consent-history.ts";
import type { Actor } from "../contract/people.ts";
import type { RefusalReason } from "../contract/words.ts";
import { type Append, at, intentOf } from "./invites.ts";
import { insertSealed } from "./sealed-tables.ts";

/* What was changed because of what people said at their beds, in the words of governance. Never edited: a later answer stands below. */

export const feedbackAnswersSchema = `
CREATE TABLE feedback_answer (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  feedback INTEGER NOT NULL REFERENCES feedback (number),
  words TEXT NOT NULL CHECK (words <> ''),
  by TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX feedback_answer_of ON feedback_answer (feedback);
CREATE TRIGGER feedback_answer_no_update BEFORE UPDATE ON feedback_answer
  BEGIN SELECT RAISE(ABORT, 'feedback_answer is append-only'); END;
CREATE TRIGGER feedback_answer_no_delete BEFORE DELETE ON feedback_answer
  BEGIN SELECT RAISE(ABORT, 'feedback_answer is append-only'); END;
`;

const feedbackMax = 200;

export function answerFeedback(
  db: Database.Database,
  append: Append,
  answer: { readonly feedback: number; readonly words: string; readonly by: Extract<Actor, { kind: "staff" }> },
  stamp: Stamp,
): AskResult | RefusalReason {
  const { feedback, words, by } = answer;
  if (db.prepare("SELECT 1 FROM feedback WHERE number = ?").get(feedback) === undefined) return "not-found";
  append(intentOf("feedback.answer", by, { feedback }, { words }), stamp);
  insertSealed(db, "feedback_answer", { feedback, words, by: by.name, at: at(stamp) });
  return { is: "done" };
}

/** The newest first, each with its answers, the oldest of them first. */
export function readFeedback(ward: Database.Database): Feedback[] {
  const said = ward
    .prepare("SELECT number, at AS atUtcMs, about, feels, words FROM feedback ORDER BY number DESC LIMIT ?")
    .all(feedbackMax) as Omit<Feedback, "answers">[];
  const answers = ward.prepare(
    "SELECT at AS atUtcMs, words, by FROM feedback_answer WHERE feedback = ? ORDER BY number",
  );
  return said.map((one) => ({ ...one, answers: answers.all(one.number) as Feedback["answers"] }));
}
