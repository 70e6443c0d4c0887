import type { FastifyReply, FastifyRequest } from "fastify";
import { cookieOf } from "./sessions.ts";

/*
 * A browser that was paired with a bed once stands at a bed. When its session is over it asks for a new pairing; the sign-in of
 * staff is nothing for the person in the bed.
 */

const cookieName = "qr_stands_at";
/** As long as a browser keeps a cookie. */
const keptSec = 400 * 86_400;

export function markAtBed(reply: FastifyReply): void {
  reply.setCookie(cookieName, "bed", { path: "/", httpOnly: true, sameSite: "strict", maxAge: keptSec });
}

/** A browser that holds a session of staff as well is a nurse's. */
export const standsAtBed = ({ cookies }: FastifyRequest): boolean =>
  cookies[cookieOf.staff] === undefined && (cookies[cookieName] ?? cookies[cookieOf.bedside]) !== undefined;
