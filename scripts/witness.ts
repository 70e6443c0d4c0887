import { sign } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeCosigner } from "../edge-agent/audit/cosignature.ts";
import { readVkey, type Vkey } from "../edge-agent/audit/note.ts";
import { witnessKeyIn } from "../edge-agent/platform/witness-key.ts";
import { WitnessDesk } from "../edge-agent/records/witness-desk.ts";

/*
 * npm run audit:witness: a witness of audit logs, on a machine that does not belong to the ward (a trust's own server, another
 * ward). It keeps no log: only the newest checkpoint of each, and it cosigns the next one only where the log grew from it.
 * Serves c2sp.org/tlog-witness: POST /add-checkpoint; GET /key gives its public key.
 */

const usage = `usage: npm run audit:witness -- --data DIR --name NAME --log FILE... [--host 127.0.0.1] [--port 0]

  --data  folder of the witness: its key (made at the first start, 0600) and what it has seen
  --name  name of the witness, such as witness.trust.example.nhs.uk/w1
  --log   public key of a log that it looks after (a vkey line); may be given several times
`;

const bodyBytesMax = 64 * 1024;

function fail(words: string): never {
  process.stderr.write(`${words}\n\n${usage}`);
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    name: { type: "string" },
    log: { type: "string", multiple: true },
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
  },
});
const { data, name, log = [], host } = values;
if (data === undefined || name === undefined || log.length === 0) fail("--data, --name and --log are needed");
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`--port ${values.port} is no port`);

const logs: Vkey[] = log.map((file) => {
  const vkey = existsSync(file) ? readVkey(readFileSync(file, "utf8")) : undefined;
  return vkey ?? fail(`${file} is no public key of an audit log`);
});
const { privateKey, publicKey } = witnessKeyIn(data);
const desk = new WitnessDesk(join(data, "witness.sqlite"), {
  name,
  publicKey,
  sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  nowSec: () => Math.floor(Date.now() / 1_000),
  logs,
});
desk.start();

const server = createServer((request, response) => {
  handle(request, response).catch((cause: unknown) => {
    process.stderr.write(`a request failed: ${String(cause)}\n`);
    answer(response, 500, "the witness cannot keep what it sees: it cosigns nothing\n");
  });
});
server.listen(port, host, () => {
  const { port: chosen } = server.address() as AddressInfo;
  process.stdout.write(`${writeCosigner(desk.cosigner)}\nwitness listening at http://${host}:${chosen}\n`);
});
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
    desk.close();
  });
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "GET" && request.url === "/key")
    return answer(response, 200, `${writeCosigner(desk.cosigner)}\n`);
  if (request.method !== "POST" || request.url !== "/add-checkpoint") return answer(response, 404, "no such page\n");
  const body = await readBody(request);
  if (body === undefined) return answer(response, 413, "the request is too large\n");
  const { status, text, type } = desk.add(body);
  const said = status === 200 ? `cosigned ${body.split("\n\n")[1]?.split("\n").slice(0, 2).join(" at ")}` : text.trim();
  process.stdout.write(`${status}: ${said}\n`);
  answer(response, status, text, type);
}

/** From the network, before any check. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function answer(response: ServerResponse, status: number, text: string, type = "text/plain; charset=utf-8"): void {
  response.writeHead(status, { "content-type": type, connection: "close" }).end(text);
}
