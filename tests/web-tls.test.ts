import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { followCertificate, readCertificate } from "../dashboard/server/certificate.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { haveBrowser, launchBrowser } from "./dashboard-browser.ts";
import { makeCertificate } from "./made-certificate.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/* The pages over TLS, as processes of a ward serve them. */

const folder = mkdtempSync(join(tmpdir(), "quietround-tls-"));
const first = makeCertificate(folder, "first");
let ward: RunningWard;
let url: string;
let code: string;

beforeAll(async () => {
  ward = await runWard({
    sensors: [{ port: { via: "simulated", seed: 1, scene: "asleep", speed: 1 } }],
    bridges: false,
    site: { dashboard: { tls: first } },
  });
  await ward.admit("room-1");
  const invited = await ward.setUp({ do: "invite-staff", name: "Sam Reed", role: "nurse" });
  code = invited.is === "code" ? invited.code : "";
  await ward.release();
  ward.start("dashboard");
  url = `https://127.0.0.1:${ward.site.dashboard.port}`;
  for (let tries = 0; tries < 150; tries++) {
    const status = await ask("/healthz").then(
      (reply) => reply.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no pages at ${url}: ${ward.log("dashboard").slice(-1_000)}`);
}, 120_000);
afterAll(async () => {
  await ward?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body = "" } = options;
    const asked = request(url + path, { method, headers, rejectUnauthorized: false }, (reply) => {
      const parts: Buffer[] = [];
      reply.on("data", (part: Buffer) => parts.push(part));
      reply.on("end", () =>
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(parts).toString() }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}
const subjectNow = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });

describe("the pages over TLS", () => {
  it("tell browsers to come over TLS only, and answer nobody without it", async () => {
    const { headers } = await ask("/sign-in");
    expect(headers["strict-transport-security"]).toBe("max-age=15552000");
    await expect(fetch(`${url.replace("https", "http")}/healthz`)).rejects.toThrow();
    const old = new Promise((resolve, reject) => {
      const socket = connect(
        {
          host: "127.0.0.1",
          port: ward.site.dashboard.port,
          rejectUnauthorized: false,
          maxVersion: "TLSv1.1",
          minVersion: "TLSv1",
          ciphers: "DEFAULT@SECLEVEL=0",
        },
        () => resolve("in"),
      );
      socket.on("error", reject);
    });
    await expect(old).rejects.toThrow();
  });

  it.skipIf(!haveBrowser)(
    "let a nurse sign in, with a cookie of this host alone, and bring the live board",
    async () => {
      const browser: Browser = await launchBrowser();
      try {
        const context = await browser.newContext({ ignoreHTTPSErrors: true });
        const page = await context.newPage();
        await page.goto(`${url}/sign-in`);
        await page.getByLabel(/code/i).first().fill(code);
        await page.getByRole("button", { name: /sign in/i }).click();
        await page.waitForURL("**/ward");
        const [cookie] = (await context.cookies()).filter(({ name }) => name.endsWith("qr_staff"));
        expect(cookie).toMatchObject({
          name: "__Host-qr_staff",
          secure: true,
          httpOnly: true,
          sameSite: "Strict",
          path: "/",
        });
        await page.getByText("Room 1").first().waitFor();
        await expect
          .poll(() => page.locator("body").textContent(), { timeout: 15_000 })
          .toMatch(/In-person checks only|NOT MONITORED/i);

        // The same session under the name that plain HTTP has is nobody's: it may have been planted.
        const token = cookie?.value ?? "";
        const named = async (name: string) => (await ask("/ward", { headers: { cookie: `${name}=${token}` } })).status;
        expect(await named("__Host-qr_staff")).toBe(200);
        expect(await named("qr_staff")).toBe(303);

        // A page of the same name without TLS may be anybody's.
        const lock = (origin: string) =>
          ask("/lock", { method: "POST", headers: { cookie: `__Host-qr_staff=${token}`, origin } });
        expect((await lock(url.replace("https", "http"))).status).toBe(403);
        const feed = (origin: string): Promise<boolean> =>
          new Promise((resolve) => {
            const socket = new WebSocket(`${url.replace("https", "wss")}/live?as=staff`, {
              headers: { cookie: `__Host-qr_staff=${token}`, origin },
              rejectUnauthorized: false,
            });
            socket.once("open", () => resolve(true));
            socket.once("error", () => resolve(false));
            socket.once("open", () => socket.terminate());
          });
        expect(await feed(url)).toBe(true);
        expect(await feed(url.replace("https", "http"))).toBe(false);

        await page.goto(`${url}/ward`);
        await page
          .getByRole("button", { name: /sign out/i })
          .first()
          .click();
        await page.waitForURL("**/sign-in");
        expect((await context.cookies()).filter(({ name }) => name.endsWith("qr_staff"))).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );

  it("end with words where certificate and key are missing, are none, or do not belong together", () => {
    const second = makeCertificate(folder, "second");
    const junk = join(folder, "junk.crt");
    writeFileSync(junk, "no certificate");
    for (const [tls, words] of [
      [{ ...first, keyFile: second.keyFile }, "is not the key of"],
      [{ ...first, certificateFile: join(folder, "none.crt") }, "there is no such file"],
      [{ ...first, certificateFile: junk }, "wants a certificate and its key as PEM"],
    ] as const) {
      const config = join(folder, "site.json");
      writeFileSync(config, JSON.stringify({ ...ward.site, dashboard: { ...ward.site.dashboard, port: 0, tls } }));
      const main = fileURLToPath(new URL("../dashboard/main.ts", import.meta.url));
      const ran = spawnSync(process.execPath, [main, "--config", config, "--data", ward.dataDir], { encoding: "utf8" });
      expect(ran.status).toBe(2);
      expect(ran.stderr).toContain(words);
    }
  });

  it("take a new certificate without a stop, and go on with the old one while the new is broken", async () => {
    const { createServer } = await import("node:https");
    const files = { certificateFile: join(folder, "now.crt"), keyFile: join(folder, "now.key") };
    const put = (from: { certificateFile: string; keyFile: string }): void => {
      copyFileSync(from.certificateFile, files.certificateFile);
      copyFileSync(from.keyFile, files.keyFile);
    };
    put(makeCertificate(folder, "old", 5));
    const start = readCertificate(files, folder);
    const server = createServer({ cert: start.cert, key: start.key });
    const lines: string[] = [];
    const end = followCertificate(
      server,
      start,
      () => readCertificate(files, folder),
      newLog("test", (line) => lines.push(line)),
      20,
    );
    try {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      expect(await subjectNow(port)).toBe("old");
      expect(lines.join()).toContain("is over in");
      writeFileSync(files.keyFile, "broken");
      await expect.poll(() => lines.join()).toContain("wants a certificate");
      expect(await subjectNow(port)).toBe("old");
      put(makeCertificate(folder, "new"));
      await expect.poll(() => subjectNow(port)).toBe("new");
    } finally {
      end();
      server.close();
    }
  });
});
