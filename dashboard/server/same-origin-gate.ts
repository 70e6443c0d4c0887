import type { FastifyInstance } from "fastify";
import { logoutPath } from "./oidc/oidc-routes.ts";
import { isSameOrigin } from "./same-origin.ts";

/**
 * Nothing is changed by a page of another server: every request that is not for reading, those of tomorrow too, must come from a page of
 * this one, before its body is read. Browsers say so twice: Origin, and Sec-Fetch-Site (W3C Fetch Metadata), which none can forge. It is
 * told as an error, so that each route says it in its own words: a person in a bed is not spoken to as staff are.
 */
export function sameOriginGate(app: FastifyInstance, secure: boolean): void {
  app.addHook("onRequest", async (request) => {
    if (request.method === "GET" || request.method === "HEAD") return;
    // A server asks here, and no browser: it has no cookie, and what it says is signed.
    if (request.routeOptions.url === logoutPath) return;
    const site = request.headers["sec-fetch-site"];
    if (isSameOrigin(request.headers, secure) && (site === undefined || site === "same-origin")) return;
    throw Object.assign(new Error("not from a page of this server"), { statusCode: 403 });
  });
}
