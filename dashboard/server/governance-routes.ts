import type { FastifyInstance } from "fastify";
import { reviewOverdue } from "../../edge-agent/contract/access.ts";
import { characteristics, type EquityGroup, type SafeCount } from "../../edge-agent/contract/characteristics.ts";
import type { SiteConfig } from "../../edge-agent/contract/config.ts";
import { dayMs } from "../../edge-agent/contract/consent.ts";
import { lastNights } from "../../edge-agent/contract/nights.ts";
import type { AgentLink } from "./agent-link.ts";
import { alarmLoadView } from "./alarm-load-view.ts";
import type { Pages } from "./pages.ts";
import { characteristicWords, groupWords } from "./person/characteristics-form.ts";
import { bodyOf, textOf } from "./person/form-body.ts";
import { momentWords } from "./person/moment-words.ts";
import { roleWords } from "./roles.ts";
import { isSameOrigin } from "./same-origin.ts";
import { cookieOf } from "./sessions.ts";
import { statusOf } from "./told-status.ts";
import type { WardReports } from "./ward-reports.ts";

const periodDays = 28;
/** What is promised: from the touch to the last accepted sample. */
const killTimeMsMax = 2_000;

const aboutWords: Readonly<Record<string, string>> = {
  question: "A question",
  complaint: "A complaint",
  "how-is-it": "How this is for me",
};
const feelsWords: Readonly<Record<string, string>> = { good: "Good", okay: "Okay", "not-good": "Not good" };

interface GovernanceDeps {
  readonly pages: Pages;
  readonly site: SiteConfig;
  readonly reports: WardReports;
  readonly agent: AgentLink;
  readonly utcMs: () => number;
}

/** /governance: how fast a stop is, and what people said at their beds. For the governance lead, and never for the ward. */
export function governanceRoutes(app: FastifyInstance, { pages, site, reports, agent, utcMs }: GovernanceDeps): void {
  const { timeZone } = site.consent;
  app.get("/governance", async (request, reply) => {
    const who = await pages.who(request, "staff");
    if (who.is === "unknown") return pages.noAnswer(reply, who.words);
    if (who.is !== "staff") return reply.redirect("/sign-in", 303);
    const opening = { page: "/governance", bed: null, purposeOfEvent: "HQUALIMP" } as const;
    if (who.role !== "governance-lead") {
      const refused = { ...opening, refused: "not-allowed" } as const;
      return pages.open(reply, "problem.njk", who, refused, notForThisRole(who.role), 403);
    }
    return pages.openWith(reply, "governance.njk", who, opening, 200, async () => {
      const nowUtcMs = utcMs();
      const nights = lastNights(nowUtcMs, site.consent.quietHours, timeZone, periodDays);
      const [killTimes, alarmLoad, feedback, equity, accesses] = await Promise.all([
        reports.killTimes(nowUtcMs - periodDays * dayMs),
        reports.alarmLoad(nights, nowUtcMs),
        reports.feedback(),
        reports.equity(nowUtcMs),
        reports.accessList(),
      ]);
      const seconds = (ms: number | null) => (ms === null ? null : (ms / 1_000).toFixed(2));
      return {
        person: { name: who.name, role: roleWords[who.role] },
        periodDays,
        overdueReviews: accesses?.filter((one) => reviewOverdue(one, nowUtcMs)).length ?? 0,
        promiseSec: killTimeMsMax / 1_000,
        killTimes: killTimes && {
          stops: killTimes.stops,
          p50: seconds(killTimes.p50Ms),
          p99: seconds(killTimes.p99Ms),
          longest: seconds(killTimes.longestMs),
          kept: killTimes.p99Ms === null ? null : killTimes.p99Ms <= killTimeMsMax,
        },
        load: alarmLoad && alarmLoadView(alarmLoad),
        equity: equity && equityTables(equity),
        feedback: feedback?.map(({ number, atUtcMs, about, feels, words, answers }) => ({
          number,
          answers: answers.map((one) => ({ ...one, when: momentWords(one.atUtcMs, nowUtcMs, timeZone) })),
          when: momentWords(atUtcMs, nowUtcMs, timeZone),
          about: aboutWords[about] ?? about,
          feels: feels === null ? null : (feelsWords[feels] ?? feels),
          words,
        })),
      };
    });
  });

  app.post("/governance/feedback/:number", async (request, reply) => {
    if (!isSameOrigin(request.headers))
      return pages.problem(reply, 403, "This did not work", "Use the form on this screen.");
    const who = await pages.who(request, "staff");
    const token = request.cookies[cookieOf.staff];
    if (who.is === "unknown") return pages.noAnswer(reply, who.words);
    if (who.is !== "staff" || token === undefined) return reply.redirect("/sign-in", 303);
    if (who.role !== "governance-lead") {
      const opening = {
        page: "/governance/feedback",
        bed: null,
        purposeOfEvent: "HQUALIMP",
        refused: "not-allowed",
      } as const;
      return pages.open(reply, "problem.njk", who, opening, notForThisRole(who.role), 403);
    }
    const { number } = request.params as { number: string };
    const words = textOf(bodyOf(request.body), "words").trim();
    if (words === "" || words.length > answerCharsMax || !/^\d{1,9}$/.test(number))
      return pages.problem(
        reply,
        400,
        "Nothing was written",
        `Say in up to ${answerCharsMax} characters what was changed.`,
      );
    const told = await agent.ask(token, { do: "answer-feedback", feedback: Number(number), words });
    if (!told.ok) return pages.problem(reply, statusOf(told.why), "This was not written down", told.words);
    return reply.redirect("/governance#feedback-title", 303);
  });
}

const answerCharsMax = 500;
const countWords = (count: SafeCount): string => (count === null ? "kept back" : String(count));

/** A table for each characteristic of which any group may be told. */
function equityTables(equity: readonly EquityGroup[]) {
  return characteristics.flatMap((characteristic) => {
    const groups = equity.filter((one) => one.characteristic === characteristic);
    if (groups.every(({ people, group }) => people === null || group === "not-told")) return [];
    return [
      {
        name: characteristicWords[characteristic],
        rows: groups.map(({ group, people, saidYes, saidNo, decidedForThem, hadAlarm, lateCheck }) => ({
          group: groupWords[group] ?? group,
          counts: [people, saidYes, saidNo, decidedForThem, hadAlarm, lateCheck].map(countWords),
        })),
      },
    ];
  });
}

const notForThisRole = (role: keyof typeof roleWords) => ({
  title: "Not for this role",
  words: `You are signed in as ${roleWords[role]}. This page is for the governance lead: what people say here never reaches the ward.`,
});
