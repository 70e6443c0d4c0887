import type { ReleaseState } from "../../edge-agent/contract/release-state.ts";

/* Whether a ward that was just started is well. Pure: what was seen comes in, a word goes out. */

export interface Seen {
  /** What the service manager says: `active` is well. */
  readonly service: string;
  /** How often the service manager had to start it again. */
  readonly restarts: number;
  /** Undefined: the agent does not answer. */
  readonly state: ReleaseState | undefined;
  readonly pagesAnswer: boolean;
  /** A consent or a stay ended since: a room may be without sensing for that reason. */
  readonly endedByPeople: boolean;
}

export type Judged =
  | { readonly is: "well" }
  /** It may still become well. */
  | { readonly is: "not-yet"; readonly why: string }
  /** It will not. */
  | { readonly is: "ill"; readonly why: string };

/** The person's own word, or what their recording or order says: no fault of a program, if somebody said so meanwhile. */
const peoplesReasons: readonly string[] = ["no-consent", "sensor-off"];
const restartsMax = 3;

/**
 * @param before how it was; null: it did not run, and only what is there now counts
 * @param release the number that must run now
 * @param boot of the run that was well first: another one means that the agent ended meanwhile
 */
export function judge(
  before: ReleaseState | null,
  release: number,
  boot: string | undefined,
  { service, restarts, state, pagesAnswer, endedByPeople }: Seen,
): Judged {
  if (restarts >= restartsMax) return { is: "ill", why: `the service ended ${restarts} times by itself` };
  if (service !== "active") return { is: "not-yet", why: `the service is ${service}` };
  if (state === undefined) return { is: "not-yet", why: "the agent does not answer" };
  if (state.release !== release)
    return { is: "ill", why: `release ${state.release ?? "without a number"} runs instead` };
  if (boot !== undefined && state.boot !== boot) return { is: "ill", why: "the agent ended and was started again" };
  const monitored = (before?.rooms ?? []).filter(({ notMonitored }) => notMonitored === null);
  for (const { bed } of monitored) {
    const now = state.rooms.find((room) => room.bed === bed);
    if (now === undefined) continue;
    const excused = endedByPeople && now.notMonitored !== null && peoplesReasons.includes(now.notMonitored);
    if (now.notMonitored !== null && !excused)
      return { is: "not-yet", why: `${bed} was monitored before and is not now: ${now.notMonitored}` };
  }
  if (!pagesAnswer) return { is: "not-yet", why: "the pages of the station do not answer" };
  return { is: "well" };
}
