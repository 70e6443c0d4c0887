import type { FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../../../edge-agent/contract/access.ts";
import type { AgentLink } from "../agent-link.ts";
import type { Openings } from "../openings.ts";
import type { PackSigner } from "../pack/pack-route.ts";
import type { PageTrail } from "../page-trail.ts";
import type { Who } from "../sessions.ts";
import { receiveSetUp, type SetUpDeps } from "../staff/set-up-visit.ts";

export interface AccessDeps extends SetUpDeps {
  readonly agent: AgentLink;
  readonly trail: PageTrail;
  readonly openings: Openings;
  readonly signer: PackSigner;
}

export interface AccessVisit {
  readonly who: Extract<Who, { is: "staff" }>;
  readonly token: string;
  readonly page: string;
}

/** Everybody who may ask for it. Undefined where the reply was given already. */
export const receiveAccess = (deps: AccessDeps, request: FastifyRequest, reply: FastifyReply) =>
  receiveSetUp(deps, request, reply, ["nurse", "nurse-in-charge", "governance-lead"]);

export interface AccessPlace extends AccessVisit {
  readonly access: Access;
}

/**
 * The one that the path names. A nurse knows only of those that are theirs. Undefined where the reply was given already.
 */
export async function receiveOne(
  deps: AccessDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<AccessPlace | undefined> {
  const visit = await receiveAccess(deps, request, reply);
  if (visit === undefined) return undefined;
  const list = await deps.reports.accessList();
  if (list === null) {
    await deps.pages.problem(reply, 503, "This cannot be shown now", "The ward's records cannot be read. Try again.");
    return undefined;
  }
  const { number } = request.params as { readonly number: string };
  const access = list.find((one) => String(one.number) === number && mayKnow(one, visit.who));
  if (access !== undefined) return { ...visit, access };
  await deps.pages.problem(reply, 404, "There is no such request", "Go back to the list.");
  return undefined;
}

export const mayKnow = ({ asked, agreed }: Access, who: AccessVisit["who"]): boolean =>
  who.role !== "nurse" || asked.id === who.id || agreed?.id === who.id;

/** Deciding together about records is looking after quality; reading them has a purpose of its own. */
export const aboutAccess = (page: string) => ({ page, bed: null, purposeOfEvent: "HQUALIMP" }) as const;

/** What the entry of a look through it says. */
export const lookThrough = ({ number, kind, bed, stay, untold }: Access, page: string) =>
  ({
    page,
    bed,
    stay,
    purposeOfEvent: kind === "break-glass" ? "BTG" : "PATSFTY",
    access: { number, told: untold === null },
  }) as const;
