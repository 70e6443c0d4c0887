import type { Effect } from "./door.ts";

type Answer = Extract<Effect, { kind: "answer" }>;

/** To an ask that was put back: nothing changed. */
export const auditRefusal = (request: string): Answer => ({
  kind: "answer",
  request,
  ok: false,
  why: "audit-failed",
  words: "The record of who did what cannot be written, so nothing was changed. Check in person and call the engineer.",
});

/** To an ask that stands, but that a restart could forget. */
export const notRecorded = (request: string): Answer => ({
  kind: "answer",
  request,
  ok: false,
  why: "audit-failed",
  words: "It was done, but it could not be written down. Tell the nurse in charge.",
});
