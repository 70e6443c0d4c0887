import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

/** What the person chose of how this screen looks. Of this stay: the next person begins with what was recorded for them. */
export interface BedsideLook {
  /** BCP 47. */
  readonly language: string;
  readonly largeText: boolean;
}

const cookieName = "qr_bedside_look";
const keptSec = 30 * 86_400;

const Chosen = z.object({ language: z.string(), largeText: z.boolean() }).partial();
/** What a form may change; each button is one of them. */
export const LookForm = z.object({
  language: z.string().max(20).optional(),
  largeText: z.enum(["yes", "no"]).optional(),
  back: z.string().max(40),
});

/** From a browser, before any check: whatever does not fit is as if nothing was chosen. */
export function readLook(request: FastifyRequest, stay: string): Partial<BedsideLook> {
  const [ofStay, rest] = (request.cookies[cookieName] ?? "").split("|", 2);
  if (ofStay !== stay || rest === undefined) return {};
  const query = new URLSearchParams(rest);
  const large = query.get("large");
  const read = Chosen.safeParse({
    ...(query.get("language") === null ? {} : { language: query.get("language") }),
    ...(large === null ? {} : { largeText: large === "yes" }),
  });
  return read.success ? (read.data as Partial<BedsideLook>) : {};
}

export function keepLook(reply: FastifyReply, stay: string, look: Partial<BedsideLook>): void {
  const query = new URLSearchParams();
  if (look.language !== undefined) query.set("language", look.language);
  if (look.largeText !== undefined) query.set("large", look.largeText ? "yes" : "no");
  reply.setCookie(cookieName, `${stay}|${query.toString()}`, {
    path: "/",
    httpOnly: true,
    sameSite: "strict",
    maxAge: keptSec,
  });
}
