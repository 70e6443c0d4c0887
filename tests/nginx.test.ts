import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { DashboardConfig } from "../edge-agent/contract/dashboard-config.ts";
import { freePort } from "../scripts/free-port.ts";
import { makeCertificate } from "./made-certificate.ts";
import { type RunningWard, runWard } from "./running-ward.ts";

/* The pages behind a real nginx with the file that is shipped: only name, certificate and ports are the test's. */

const folder = mkdtempSync(join(tmpdir(), "quietround-nginx-"));
const certificate = makeCertificate(folder, "station");
const shipped = readFileSync(fileURLToPath(new URL("../config/nginx/quietround.conf", import.meta.url)), "utf8");
const config = join(folder, "nginx.conf");
let ward: RunningWard;
let nginx: ChildProcess;
let url: string;
let code: string;

function nginxFor(port: number, upstream: number): void {
  const site = shipped
    .replace("listen 443 ssl", `listen 127.0.0.1:${port} ssl`)
    .replace("/etc/quietround/station.crt", certificate.certificateFile)
    .replace("/etc/quietround/station.key", certificate.keyFile)
    .replace("http://127.0.0.1:8080", `http://127.0.0.1:${upstream}`);
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const places = kinds.map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join("\n");
  writeFileSync(join(folder, "site.conf"), site);
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${join(folder, "pid")}; error_log ${join(folder, "error.log")};
     events {} http { access_log ${join(folder, "access.log")}; ${places} include ${join(folder, "site.conf")}; }`,
  );
}

beforeAll(async () => {
  ward = await runWard({
    sensors: [{ port: { via: "simulated", seed: 1, scene: "asleep", speed: 1 } }],
    bridges: false,
    site: { dashboard: { behindProxy: true } },
  });
  const invited = await ward.setUp({ do: "invite-staff", name: "Sam Reed", role: "nurse" });
  code = invited.is === "code" ? invited.code : "";
  await ward.release();
  ward.start("dashboard");
  const port = (await freePort("127.0.0.1", 0)) ?? expect.fail("no free port");
  nginxFor(port, ward.site.dashboard.port);
  url = `https://127.0.0.1:${port}`;
  nginx = spawn("/usr/sbin/nginx", ["-c", config, "-e", join(folder, "error.log")], { stdio: "inherit" });
  const up = () =>
    ask("/healthz").then(
      ({ status }) => status === 200,
      () => false,
    );
  for (let tries = 0; !(await up()); tries++) {
    if (tries > 100)
      throw new Error(
        `no pages: ${ward.log("dashboard").slice(-500)}\n${readFileSync(join(folder, "error.log"), "utf8").slice(-1_000)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}, 120_000);
afterAll(async () => {
  if (nginx !== undefined) {
    const gone = new Promise((resolve) => nginx.once("exit", resolve));
    nginx.kill("SIGTERM");
    await gone;
  }
  await ward?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
}
const ask = (path: string, headers: Record<string, string> = {}, form?: Record<string, string>): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const typed = form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
    const method = form === undefined ? "GET" : "POST";
    const asked = request(
      url + path,
      { method, headers: { ...typed, ...headers }, rejectUnauthorized: false },
      (reply) => {
        reply.resume();
        reply.on("end", () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers }));
      },
    );
    asked.on("error", reject);
    asked.end(form === undefined ? undefined : new URLSearchParams(form).toString());
  });
const feed = (cookie: string, origin: string): Promise<"open" | "refused"> =>
  new Promise((resolve) => {
    const live = `${url.replace("https", "wss")}/live?as=staff`;
    const socket = new WebSocket(live, { headers: { cookie, origin }, rejectUnauthorized: false });
    socket.once("open", () => resolve("open"));
    socket.once("error", () => resolve("refused"));
    socket.once("open", () => socket.terminate());
  });

describe("behind nginx with the shipped file", () => {
  it("which nginx itself takes, and a spoilt one it does not", () => {
    const check = () => spawnSync("/usr/sbin/nginx", ["-t", "-c", config, "-e", "stderr"], { encoding: "utf8" });
    expect(check().stderr).toContain("test is successful");
    const good = readFileSync(join(folder, "site.conf"), "utf8");
    writeFileSync(join(folder, "site.conf"), good.replace("proxy_pass", "proxy_past"));
    expect(check().stderr).toContain("unknown directive");
    writeFileSync(join(folder, "site.conf"), good);
  });

  it("a nurse signs in, with a cookie of this host alone, and the live board comes", async () => {
    const page = await ask("/sign-in");
    expect(page.status).toBe(200);
    // Once, from the dashboard.
    expect(page.headers["strict-transport-security"]).toBe("max-age=15552000");
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    const signed = await ask("/sign-in", { origin: url }, { code });
    expect(signed.status).toBe(303);
    const [cookie = ""] = signed.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/^__Host-qr_staff=[^;]+; .*HttpOnly; Secure; SameSite=Strict/);
    const mine = cookie.split(";")[0] ?? "";
    expect((await ask("/ward", { cookie: mine })).status).toBe(200);
    expect((await ask("/ward", { cookie: mine.replace("__Host-", "") })).status).toBe(303);
    expect(await feed(mine, url)).toBe("open");
    expect(await feed(mine, url.replace("https", "http"))).toBe("refused");
    expect(await feed(mine, "https://elsewhere.example")).toBe("refused");
    expect((await ask("/lock", { cookie: mine, origin: url.replace("https", "http") }, {})).status).toBe(403);
  });

  it("nobody becomes somebody else by what they say of themselves: tries are counted by address", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 40; n++) {
      const headers = { origin: url, "x-forwarded-for": `10.0.0.${n}`, forwarded: `for=10.0.0.${n}` };
      statuses.push((await ask("/sign-in", headers, { code: "WRNG-CODE" })).status);
    }
    expect(statuses).toContain(429);
  });
});

describe("dashboard.behindProxy", () => {
  it("is for this machine only, and never beside dashboard.tls", () => {
    const refused = (config: object): string => JSON.stringify(DashboardConfig.safeParse(config).error?.issues ?? "");
    expect(refused({ behindProxy: true })).toBe('""');
    expect(refused({ behindProxy: true, tls: certificate })).toContain("either dashboard.tls or a proxy");
    expect(refused({ behindProxy: true, host: "0.0.0.0" })).toContain("beyond this machine itself");
  });
});
