import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSiteConfig } from "../../edge-agent/platform/read-config.ts";
import { answersAt } from "../pages-answer.ts";
import { askAgentState } from "./ask-agent-state.ts";
import type { Journal } from "./journal.ts";
import { type Judged, judge, type Seen } from "./judge.ts";
import { actionsSince, logFaults } from "./log-mark.ts";
import { type UpdatePlace, wardService } from "./place.ts";

export interface Patience {
  /** For the ward to become well. */
  readonly readyMs: number;
  /** For which it must then stay so without a break. */
  readonly steadyMs: number;
}

const lookEveryMs = 1_000;
/** Until a room is monitored again a person's touch may end it. */
const endings = /^(consent|stay)\./;

/** Undefined: the ward is well and stayed so. Otherwise why not, in words. */
export async function watchHealth(
  place: UpdatePlace,
  { before, marks }: Pick<Journal, "before" | "marks">,
  release: number,
  { readyMs, steadyMs }: Patience,
): Promise<string | undefined> {
  const { services, data } = place;
  const marked = marks?.["ward.sqlite"]?.size;
  const look = async (): Promise<Seen> => {
    const state = await askAgentState(data);
    const unlike = state?.rooms.some(({ notMonitored }) => notMonitored !== null) === true;
    const service = services.status(wardService);
    return {
      service: service.state,
      restarts: service.restarts,
      state,
      pagesAnswer: await pagesAnswer(place),
      endedByPeople:
        unlike && marked !== undefined && actionsSince(data, marked).some((action) => endings.test(action)),
    };
  };
  const begun = performance.now();
  let steadySince: number | undefined;
  let boot: string | undefined;
  for (;;) {
    const seen = await look();
    const judged: Judged = judge(before, release, boot, seen);
    const now = performance.now();
    if (judged.is === "ill") return judged.why;
    if (judged.is === "well") {
      if (steadySince === undefined) {
        place.say(
          `the ward is well after ${Math.round((now - begun) / 1_000)} s; watching it for ${steadyMs / 1_000} s`,
        );
        boot = seen.state?.boot;
        steadySince = now;
        const faults = faultsOf(place, marks);
        if (faults !== undefined) return faults;
      }
      if (now - steadySince >= steadyMs) return faultsOf(place, marks);
    } else if (steadySince !== undefined) {
      return `it was well, and then: ${judged.why}`;
    } else if (now - begun > readyMs) {
      return `after ${Math.round(readyMs / 1_000)} s still: ${judged.why}`;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function faultsOf({ data }: UpdatePlace, marks: Journal["marks"]): string | undefined {
  const faults = marks === null ? [] : logFaults(data, marks);
  return faults.length === 0 ? undefined : faults.join("; ");
}

async function pagesAnswer({ config }: UpdatePlace): Promise<boolean> {
  const parsed = parseSiteConfig(readFileSync(join(config, "site.json"), "utf8"));
  if (!parsed.ok) return false;
  try {
    return await answersAt(parsed.site.dashboard);
  } catch {
    return false;
  }
}
