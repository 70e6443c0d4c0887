import type { FastifyInstance } from "fastify";

/** What answers to GET, as its routes are written. */
export function pagesOf(app: FastifyInstance): string[] {
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split("\n")
    .flatMap((line) => {
      const read = /^([│├└─\s]*)(\S+) \(([A-Z, ]+)\)/u.exec(line);
      if (read === null) return [];
      const [, indent = "", part = "", methods = ""] = read;
      const depth = indent.length / 4;
      above.length = depth - 1;
      above.push(part);
      return methods.includes("GET") ? [above.join("").replace("/*", "*")] : [];
    });
}
