import { execFileSync, spawn } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../scripts/free-port.ts";
import { dynamicSecurity } from "../scripts/provision/ward-folder.ts";
import { openRaw, pause } from "./secure-ward.ts";

/* The commands as a person types them, one after the other, on one folder. */

const root = fileURLToPath(new URL("..", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "quietround-provision-"));
const keys = join(dir, "keys");
const config = join(dir, "site.json");
const sensor = (model: string, more: object = {}) => ({
  ...{ sensor: "one", model, source: "simulated", port: { via: "simulated" } },
  ...more,
});
const site = (brokers: object, second: object = sensor("hilink-ld2410")) => ({
  ...{ v: 1, trust: "rxx", site: "test", ward: "willow", wardName: "Willow ward" },
  ...{ auditDomain: "willow.example.nhs.uk", demonstration: true },
  beds: [
    { bed: "room-1", name: "Room 1", device: "unit-1", sensors: [sensor("acconeer-a121")] },
    { bed: "room-2", name: "Room 2", device: "unit-2", sensors: [second] },
  ],
  brokers: { framesPort: 0, controlPort: 0, tls: "mutual", remoteUnits: ["unit-2"], ...brokers },
});
const run = (file: string, args: readonly string[]): Promise<{ status: number | null; said: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, file), ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes: Buffer) => {
        said += bytes.toString();
      });
    }
    child.once("close", (status) => resolve({ status, said }));
  });
/** What changes nothing is asked at once. */
async function refused(...asked: readonly (readonly [readonly string[], RegExp])[]): Promise<void> {
  const answers = await Promise.all(asked.map(([args]) => provision(...args)));
  for (const [n, [, words]] of asked.entries()) {
    expect(answers[n]).toMatchObject({ status: 2, said: expect.stringMatching(words) });
  }
}
const provision = (...args: string[]) => run("scripts/provision/main.ts", [...args, "--dir", keys, "--config", config]);
const write = (brokers: object, second?: object): void => writeFileSync(config, JSON.stringify(site(brokers, second)));

beforeAll(() => write({}));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("npm run ward:provision", () => {
  it("says what comes first, and never replaces what there is", async () => {
    await refused([["station"], /begin with/]);
    expect((await provision("init")).status).toBe(0);
    const before = readFileSync(join(keys, "authority/ca.key.pem"), "utf8");
    await refused([["init"], /an authority already/], [["unit", "unit-1"], /provision -- station/]);
    expect(readFileSync(join(keys, "authority/ca.key.pem"), "utf8")).toBe(before);

    expect((await provision("station", "--host", "station.willow.example", "--host", "10.77.1.1")).status).toBe(0);
    expect((await provision("unit", "unit-1")).status).toBe(0);
    expect((await provision("sensor", "radar-9")).status).toBe(0);
    await refused(
      [["station"], /--renew/],
      [["unit", "unit-1"], /--renew/],
      [["unit", "unit-7"], /no bed has/],
      [["unit", "radar-9"], /no bed has/],
      [["sensor", "broker"], /station's own/],
      [["sensor", "unit-2"], /a bedroom unit/],
      [["frob"], /is no command/],
    );
  });

  it("makes a unit's folder only for a name that the broker's certificate has", async () => {
    await refused(
      [["unit", "unit-2", "--host", "elsewhere"], /not elsewhere/],
      [["unit", "unit-2", "--host", "127.0.0.1"], /say where it finds the station/],
    );
    expect((await provision("unit", "unit-2")).status).toBe(0);
    const unit = join(keys, "units/unit-2");
    const own = JSON.parse(readFileSync(join(unit, "site.json"), "utf8"));
    expect(own.beds.map(({ bed }: { bed: string }) => bed)).toEqual(["room-2"]);
    expect(own.brokers).toMatchObject({ host: "station.willow.example", tls: "mutual" });
  });

  it("P-256 keys that only their owner reads, certificates for 90 days, each for one end only", () => {
    const tls = join(keys, "station/keys/tls");
    for (const [name, use] of [
      ["unit-1", "1.3.6.1.5.5.7.3.2"],
      ["broker", "1.3.6.1.5.5.7.3.1"],
    ] as const) {
      const certificate = new X509Certificate(readFileSync(join(tls, `${name}.pem`)));
      expect(certificate.keyUsage).toEqual([use]);
      expect(certificate.ca).toBe(false);
      expect(certificate.subject).toContain(`CN=${name}`);
      const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(89.9);
      expect(days).toBeLessThan(90.1);
      const key = createPrivateKey(readFileSync(join(tls, `${name}.key.pem`)));
      expect(key.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
      expect(certificate.checkPrivateKey(key)).toBe(true);
    }
    const open = readdirSync(keys, { recursive: true, withFileTypes: true }).filter(
      (entry) => (statSync(join(entry.parentPath, entry.name)).mode & 0o077) !== 0,
    );
    expect(open.map(({ name }) => name)).toEqual([]);
    const inUnit = readdirSync(join(keys, "units/unit-2"), { recursive: true }).map(String);
    expect(inUnit.filter((path) => path.includes("ca.key") || path.includes("station.key"))).toEqual([]);
  });

  it("lists what was issued, and revokes", async () => {
    expect((await provision("list")).said).toMatch(
      /unit-1 +client +valid +8\d days left|unit-1 +client +valid +90 days left/,
    );
    const { status, said } = await provision("revoke", "unit-2");
    expect([status, said]).toEqual([0, expect.stringContaining("1 certificate revoked")]);
    expect((await provision("list")).said).toMatch(/unit-2 +client +revoked/);
    const crl = execFileSync("openssl", ["crl", "-in", join(keys, "station/keys/tls/crl.pem"), "-noout", "-text"]);
    expect(crl.toString()).toContain("Key Compromise");
    expect(readFileSync(join(keys, "station/keys/tls/revoked"), "utf8")).toBe("unit-2\n");
    expect(readdirSync(join(keys, "units/unit-2/keys/tls"))).toEqual(expect.not.arrayContaining(["unit-2.key.pem"]));
    expect(await provision("revoke", "unit-2")).toMatchObject({
      status: 1,
      said: expect.stringContaining("no certificate"),
    });
    // With a new certificate it is welcome again.
    expect((await provision("unit", "unit-2", "--host", "10.77.1.1")).status).toBe(0);
    expect(readFileSync(join(keys, "station/keys/tls/revoked"), "utf8")).toBe("");
  });
});

describe("a bedroom unit on a machine of its own", () => {
  const placement = {
    at: { xMm: 0, yMm: 0, zMm: 2_000 },
    towards: { xMm: 0, yMm: 0, zMm: 500 },
    bed: { lengthMm: 2_000, widthMm: 900, topMm: 500 },
  };

  it("never has a depth sensor: the station's file refuses it, and so does the bridge", async () => {
    const depth = sensor("st-vl53l5cx", { placement });
    write({}, depth);
    expect((await provision("list")).status).toBe(0);
    expect(await provision("unit", "unit-2")).toMatchObject({
      status: 2,
      said: expect.stringContaining("depth frames never leave the machine that has the sensor"),
    });
    // Whoever takes it from the list of remote units does not get round it.
    write({ host: "10.77.1.1", remoteUnits: [] }, depth);
    const bridge = ["--config", config, "--data", join(keys, "units/unit-2"), "--device", "unit-2"];
    expect(await run("firmware-bridge/main.ts", bridge)).toMatchObject({
      status: 2,
      said: expect.stringContaining("depth frames never leave the machine that has the sensor"),
    });
    write({});
  });

  it("does not start without a certificate, or without TLS", async () => {
    const unit = join(keys, "units/unit-2");
    expect((await run("scripts/unit.ts", [])).said).toContain("--data is missing");
    rmSync(join(unit, "keys/tls/unit-2.key.pem"));
    expect(await run("scripts/unit.ts", ["--data", unit])).toMatchObject({
      status: 2,
      said: expect.stringMatching(/unit-2\.key\.pem is missing.*ward:provision/s),
    });
    write({ tls: "none", remoteUnits: [] });
    expect(await run("scripts/unit.ts", ["--data", unit, "--config", config, "--device", "unit-2"])).toMatchObject({
      status: 2,
      said: expect.stringContaining('brokers.tls is not "mutual"'),
    });
    write({ tls: "none" });
    expect((await provision("station")).said).toContain('a unit on another machine needs brokers.tls "mutual"');
    write({ tls: "none", remoteUnits: [], host: "10.0.0.1" });
    expect((await provision("station")).said).toContain("only this machine itself");
    write({});
  });
});

describe.skipIf(dynamicSecurity() === undefined)("the broker of sensors that speak MQTT by themselves", () => {
  it("takes what a sensor says below its own name, and gives it to a bridge on this machine", async () => {
    write({ kind: "mosquitto", framesPort: 18_830, controlPort: 18_831 });
    const [port = 0, bridgePort = 0] = await Promise.all([0, 0].map((any) => freePort("127.0.0.1", any)));
    const ports = ["--sensors-port", String(port), "--bridge-port", String(bridgePort)];
    const renewed = await provision("station", "--renew", ...ports);
    expect(renewed).toMatchObject({ status: 0, said: expect.stringContaining("known as station.willow.example") });
    const conf = join(keys, "station/mosquitto/sensors.conf");
    const broker = spawn("/usr/sbin/mosquitto", ["-c", conf], { stdio: "ignore" });
    try {
      let bridge: Awaited<ReturnType<typeof connectAsync>> | undefined;
      for (let tries = 0; bridge === undefined; tries++) {
        bridge = await connectAsync(`mqtt://127.0.0.1:${bridgePort}`, { reconnectPeriod: 0 }).catch(() => undefined);
        if (tries > 200) throw new Error("the broker of sensors does not answer");
        if (bridge === undefined) await pause(50);
      }
      const heard: string[] = [];
      bridge.on("message", (topic, payload) => heard.push(`${topic} ${payload}`));
      await bridge.subscribeAsync("#");
      const file = (name: string) => readFileSync(join(keys, "sensors/radar-9", name), "utf8");
      const certificate = { ca: file("ca.pem"), cert: file("radar-9.pem"), key: file("radar-9.key.pem") };
      const raw = openRaw(port, certificate);
      raw.send({
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: 4,
        clean: true,
        clientId: "other",
        keepalive: 30,
      });
      const say = { cmd: "publish", qos: 0, dup: false, retain: false } as const;
      raw.send({ ...say, topic: "sensors/other/state", payload: "another's" });
      raw.send({ ...say, topic: "v1/rxx/test/willow/unit-1/radar-1/radar-iq", payload: "a frame" });
      raw.send({ ...say, topic: "sensors/radar-9/state", payload: "its own" });
      for (let tries = 0; heard.length === 0 && tries < 500; tries++) await pause(20);
      expect(heard).toEqual(["sensors/radar-9/state its own"]);
      raw.socket.destroy();
      const stranger = openRaw(port, { ca: certificate.ca });
      stranger.send({
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: 4,
        clean: true,
        clientId: "x",
        keepalive: 30,
      });
      for (let tries = 0; !stranger.ended() && tries < 500; tries++) await pause(20);
      expect([stranger.ended(), stranger.got.length]).toEqual([true, 0]);
      await bridge.endAsync(true);
    } finally {
      const gone = new Promise((resolve) => broker.once("exit", resolve));
      broker.kill("SIGTERM");
      await gone;
    }
  }, 60_000);
});
