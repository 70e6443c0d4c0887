import type { FastifyInstance } from "fastify";

const prefix = "__Host-";

/**
 * Under TLS every cookie is one of this host alone (RFC 6265bis 4.1.3.2): sent back over TLS only, set by no other name of the same
 * domain, for the whole of it. One without the prefix is as good as none: somebody else may have planted it. After the cookie plugin.
 */
export function hostCookies(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    request.cookies = ownCookies(request.cookies, true);
    const set = reply.setCookie.bind(reply);
    const own = { path: "/", secure: true } as const;
    reply.setCookie = (name, value, options) => set(prefix + name, value, { ...options, ...own });
    reply.clearCookie = (name, options) =>
      set(prefix + name, "", { ...options, ...own, expires: new Date(0), maxAge: 0 });
  });
}

/** The cookies that this server set, by the names that it uses. */
export function ownCookies(
  cookies: Readonly<Record<string, string | undefined>>,
  secure: boolean,
): Record<string, string | undefined> {
  if (!secure) return { ...cookies };
  return Object.fromEntries(
    Object.entries(cookies).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    ),
  );
}
