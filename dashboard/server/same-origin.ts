import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether a request comes from a page of this very server. Browsers send Origin with every POST and every WebSocket upgrade and
 * no script can set it; without one the answer is no (RFC 6454, RFC 6455 10.2).
 *
 * @param secure the pages are served over TLS: the same name without it may be anybody.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, secure = false): boolean {
  const { origin, host } = headers;
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: from } = new URL(origin);
  return (protocol === "https:" || (protocol === "http:" && !secure)) && from === host.toLowerCase();
}
