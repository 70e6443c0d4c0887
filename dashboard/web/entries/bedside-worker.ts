/*
 * The service worker of the screens at beds. A screen that loads its page anew while the ward computer is away shows a page of ours, in
 * every language of the site, and not the browser's error. It keeps that one page and what the page is drawn with: nothing of anybody.
 * Browsers run it over TLS, and on this machine itself.
 */

/** Of what a service worker has, what is used here: TypeScript knows either a page's names or a worker's. */
interface Scope {
  addEventListener(kind: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(kind: "fetch", listener: (event: Fetching) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  readonly request: Request;
  respondWith(reply: Promise<Response>): void;
}

const worker = self as unknown as Scope;
const kept = "quietround-bedside";
const page = "/bedside/offline";
const drawnWith = ["/built/quietround.css", "/built/bedside-problem.js", "/built/icon.svg"];

worker.addEventListener("install", (event) => event.waitUntil(keep().then(() => worker.skipWaiting())));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(pageOf(event));
  else if (drawnWith.includes(new URL(request.url).pathname))
    event.respondWith(fetch(request).catch(() => from(request)));
});

/** As the server has it now; where that fails, what was kept stays. */
async function keep(): Promise<void> {
  const cache = await caches.open(kept);
  await cache.addAll([page, ...drawnWith].map((path) => new Request(path, { cache: "reload" })));
}

async function pageOf(event: Fetching): Promise<Response> {
  try {
    const reply = await fetch(event.request);
    event.waitUntil(keep().catch(() => undefined));
    return reply;
  } catch {
    return from(page);
  }
}

async function from(what: Request | string): Promise<Response> {
  const found = await (await caches.open(kept)).match(what);
  return found ?? Response.error();
}
