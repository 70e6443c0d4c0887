import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TlsOptions } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issue, makeAuthority } from "../../scripts/provision/authority.ts";
import { connectBroker } from "./connect.ts";
import { newLog } from "./log.ts";
import type { TlsFiles } from "./tls-files.ts";

const dir = mkdtempSync(join(tmpdir(), "quietround-socket-"));
const own = join(dir, "own");
const other = join(dir, "other");
const open: Server[] = [];
const past = ["20250101000000Z", "20250401000000Z"] as const;
beforeAll(() => {
  for (const authority of [own, other]) {
    makeAuthority(authority, "Test ward");
    const into = join(authority, "made");
    issue(authority, into, { name: "unit-1", use: "client" });
    issue(authority, into, { name: "broker", use: "broker", hosts: ["127.0.0.1"] });
    issue(authority, into, { name: "elsewhere", use: "broker", hosts: ["station.example", "10.0.0.9"] });
    issue(authority, into, { name: "old", use: "broker", hosts: ["127.0.0.1"], between: past });
  }
});
afterAll(() => {
  for (const server of open) server.close();
  rmSync(dir, { recursive: true, force: true });
});

const files = (authority: string, name: string): TlsFiles => {
  const read = (file: string) => readFileSync(join(authority, file), "utf8");
  return {
    ca: read("ca.pem"),
    cert: read(`made/${name}.pem`),
    key: read(`made/${name}.key.pem`),
    crl: undefined,
    daysLeft: 80,
  };
};

async function serve(options: TlsOptions): Promise<number> {
  const server = createServer(options, (socket) => socket.on("error", () => {}));
  server.on("tlsClientError", () => {});
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** What the log of a client says first. */
async function saidBy(port: number, tls: () => TlsFiles): Promise<string> {
  let said = (_line: string): void => {};
  const heard = new Promise<string>((resolve) => {
    said = resolve;
  });
  const who = { clientId: "unit-1", username: "unit-1", password: "secret" };
  const log = newLog("test", (line) => said(line));
  const link = connectBroker({ url: `mqtts://127.0.0.1:${port}`, ...who, tls, log });
  const line = await heard;
  expect(link.state).toBe("offline");
  await link.stop();
  return (JSON.parse(line) as { error: string }).error;
}

test.each([
  ["of another authority", () => files(other, "broker"), "the broker's certificate is not of this ward's authority"],
  ["for another name", () => files(own, "elsewhere"), "the broker's certificate is for another name"],
  ["that has expired", () => files(own, "old"), "the broker's certificate has expired"],
  // A unit that was stolen must not pass for the station.
  ["of a unit", () => files(own, "unit-1"), "UNSUPPORTED_CERTIFICATE_PURPOSE|INVALID_PURPOSE"],
] as const)("a broker with a certificate %s gets no word, and the log says why", async (_name, server, words) => {
  const { cert, key } = server();
  const port = await serve({ cert, key });
  expect(await saidBy(port, () => files(own, "unit-1"))).toMatch(new RegExp(words));
});

test("a broker that speaks no TLS 1.3 gets no word", async () => {
  const { cert, key } = files(own, "broker");
  const port = await serve({ cert, key, maxVersion: "TLSv1.2" });
  expect(await saidBy(port, () => files(own, "unit-1"))).toMatch(/TLS 1\.3/);
});

test("files that cannot be used yet are tried again, and the first ones at once", async () => {
  const { ca, cert, key } = files(own, "broker");
  const port = await serve({ ca, cert, key, requestCert: true, rejectUnauthorized: true });
  let asked = 0;
  const words = await saidBy(port, () => {
    asked += 1;
    // The key of one certificate beside another: half of a renewal.
    return asked === 1 ? files(own, "unit-1") : { ...files(own, "unit-1"), key: files(other, "unit-1").key };
  });
  expect(words).toMatch(/key values mismatch/i);
  const login = { url: `mqtts://127.0.0.1:${port}`, clientId: "a", username: "a", password: "a" };
  const log = newLog("test", () => {});
  expect(() => connectBroker({ ...login, log })).toThrow("needs an authority");
});
