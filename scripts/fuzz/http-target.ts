import type { InjectOptions } from "fastify";
import { bedTileFixtures } from "../../dashboard/web/components/bed-tile/fixtures.ts";
import { startDashboardWard } from "../../tests/dashboard-ward.ts";
import { cookieFor, fill, letIn, routesOf, visitors } from "../../tests/route-visitors.ts";
import { bytesOf, must, type Target, textOf } from "./target.ts";

/* Every route of the dashboard over a real app: paths, queries, headers and bodies of anybody who can come. */

interface Asked {
  readonly as: string;
  readonly method: string;
  readonly url: string;
  readonly type: string;
  readonly body: string;
}

/** A browser of its own prints it, for seconds: its own test. */
const printed = /\/governance\/pack$/;
const answerBytesMax = 5 * 1_024 * 1_024;
const methods = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] as const;

/** What a reader of HTTP lets through at all; the rest never comes to our code, so it is made such. */
const asPath = (url: string): string =>
  `/${url.replace(/^\/+/, "")}`
    .replace(/[^\x21-\x7e]/g, (one) => (one.isWellFormed() ? encodeURIComponent(one) : "%FF"))
    .slice(0, 4_000);
const asHeader = (text: string): string => text.replace(/[^\x20-\x7e]/g, "").slice(0, 200);

const bodies = [
  "name=Sam&reason=example&order=off&minutes=15&confirm=yes",
  "bed=room-1&stay=stay-made-up&language=en&badge=RN-104&pin=123456",
];

/** Whatever else it is becomes a path. */
function readAsked(bytes: Uint8Array): Asked {
  const text = textOf(bytes);
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    said = undefined;
  }
  const { as, method, url, type, body } = Object(said) as Record<string, unknown>;
  const word = (one: unknown, otherwise: string): string =>
    typeof one === "string" ? one : (JSON.stringify(one) ?? otherwise);
  return {
    as: word(as, "nurse"),
    method: word(method, "GET"),
    url: word(url, text),
    type: word(type, ""),
    body: word(body, ""),
  };
}

/** The ward is stopped by the caller. */
export async function openHttpTarget(): Promise<{ readonly target: Target; readonly stop: () => Promise<void> }> {
  const ward = await startDashboardWard();
  ward.agent.decideElse = () => ({ is: "done" });
  ward.agent.tell("room-1", bedTileFixtures.calm);
  letIn(ward.agent);
  const routes = routesOf(ward.app).filter(
    (route) => !route.includes("*") && !route.endsWith("/live") && !printed.test(route),
  );
  const type = "application/x-www-form-urlencoded";
  const seeds = routes.flatMap((route, n) => {
    const [method = "", path = ""] = route.split(" ");
    const asked = (as: string): Asked => ({
      as,
      method,
      url: fill(path),
      type,
      body: method === "POST" ? (bodies[n % 2] ?? "") : "",
    });
    return path.startsWith("/bedside") ? [asked("bedside")] : [asked("in-charge"), asked("governance")];
  });
  let asks = 0;
  const feed: Target["feed"] = async (bytes) => {
    const asked = readAsked(bytes);
    // From one address only the first few would be heard.
    asks += 1;
    const remoteAddress = `10.${(asks >> 16) & 255}.${(asks >> 8) & 255}.${asks & 255}`;
    const method = methods.find((one) => one === asked.method) ?? "GET";
    const as = visitors.find((one) => one === asked.as) ?? "nobody";
    const headers = {
      cookie: cookieFor(as),
      host: "ward.example",
      origin: "http://ward.example",
      "content-type": asHeader(asked.type),
    };
    const options: InjectOptions = { method, url: asPath(asked.url), headers, remoteAddress };
    letIn(ward.agent);
    const reply = await ward.app.inject(
      method === "GET" || method === "HEAD" ? options : { ...options, payload: asked.body },
    );
    const { statusCode, rawPayload } = reply;
    // The ward's own "not now" is an answer with words.
    must(
      statusCode < 500 || statusCode === 503,
      () => `${statusCode} for ${method} ${asked.url}: ${reply.body.slice(0, 200)}`,
    );
    must(rawPayload.length <= answerBytesMax, () => `${rawPayload.length} bytes for ${method} ${asked.url}`);
    must(
      !reply.body.includes("node_modules") && !/\n\s+at \S+ \(/.test(reply.body),
      () => `shows its inside for ${method} ${asked.url}`,
    );
    return statusCode < 400 ? "accepted" : "refused";
  };
  // Only what is let in: nobody of that number, and no such order, are there.
  const taken: Uint8Array[] = [];
  for (const seed of seeds.map((one) => bytesOf(JSON.stringify(one))))
    if ((await feed(seed)) === "accepted") taken.push(seed);
  return { target: { name: "http", shape: "json", seeds: taken, feed }, stop: () => ward.stop() };
}
