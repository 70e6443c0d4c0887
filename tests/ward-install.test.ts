import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import { carryOut, changedByHand, takeAway } from "../scripts/install/carry-out.ts";
import { installPlan, installProblems, type Step, usualPlaces, type Wanted } from "../scripts/install/plan.ts";
import { portProblems, whoListens } from "../scripts/install/ports.ts";
import { packagesList } from "../scripts/release/packages.ts";
import { signRelease } from "../scripts/release/sign.ts";
import { openRelease } from "../scripts/update/open-release.ts";
import { oneBedroom } from "./one-bedroom.ts";

/* An installation into a folder that stands for the machine. */

const project = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "quietround-install-"));
/** Stands for the program: of a release only that it is copied matters here. */
const from = join(folder, "program");
const machineRoot = join(folder, "machine");
const at = (path: string): string => join(machineRoot, path);
const modeOf = (path: string): string => (statSync(at(path)).mode & 0o777).toString(8);
const site = SiteConfig.parse({ ...JSON.parse(readFileSync(oneBedroom(folder), "utf8")), demonstration: false });
const templates = new Map(
  ["systemd", "journald", "sysctl", "udev"].flatMap((one) =>
    readdirSync(join(project, "config", one)).map(
      (name) => [`${one}/${name}`, readFileSync(join(project, "config", one, name), "utf8")] as const,
    ),
  ),
);
const siteFiles = new Map([
  ["site.json", JSON.stringify(site)],
  ["release.note", "quietround release\n8\n"],
]);
const station: Wanted = { kind: "station", places: usualPlaces, release: 8, site, siteFiles, templates };
const unit: Wanted = { ...station, kind: "unit" };

function install(wanted: Wanted, dryRun = false): { lines: string[]; changed: number } {
  const lines: string[] = [];
  const machine = { from, root: machineRoot, dryRun, say: (line: string) => void lines.push(line) };
  return { lines, ...carryOut(installPlan(wanted), machine, usualPlaces.prefix) };
}

beforeAll(() => {
  for (const part of ["edge-agent", "scripts", "node_modules/node/bin"])
    mkdirSync(join(from, part), { recursive: true });
  writeFileSync(join(from, "edge-agent/main.ts"), "");
  writeFileSync(join(from, "edge-agent/main.test.ts"), "");
  writeFileSync(join(from, "node_modules/node/bin/node"), "#!/bin/sh\n", { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("an installation", () => {
  afterEach(() => rmSync(machineRoot, { recursive: true, force: true }));

  it("only says what it would do where it is asked to, and then does just that", () => {
    const said = install(station, true);
    expect(existsSync(machineRoot)).toBe(false);
    const done = install(station);
    expect(done.lines.map((line) => `would ${line}`)).toEqual(said.lines);
    expect(done.changed).toBeGreaterThan(10);
  });

  it("leaves a station whose data, key and configuration only its account can read, and whose program it cannot write", () => {
    install(station);
    expect(readFileSync(at("/etc/quietround/site.json"), "utf8")).toBe(JSON.stringify(site));
    expect([modeOf("/etc/quietround"), modeOf("/etc/quietround/site.json")]).toEqual(["750", "640"]);
    expect([modeOf("/var/lib/quietround"), modeOf("/var/backups/quietround")]).toEqual(["700", "700"]);
    expect(modeOf("/etc/quietround/data-key")).toBe("600");
    expect(readFileSync(at("/etc/quietround/data-key"), "utf8")).toMatch(
      /^quietround-data-key-1 [A-Za-z0-9+/]{43}=\n$/,
    );
    expect(readFileSync(at("/opt/quietround/current/edge-agent/main.ts"), "utf8")).toBe("");
    expect(existsSync(at("/opt/quietround/releases/8/edge-agent/main.test.ts"))).toBe(false);
    const service = readFileSync(at("/etc/systemd/system/quietround.service"), "utf8");
    expect(service).not.toMatch(/@[A-Z]+@/);
    expect(service).toContain("ExecStart=/opt/quietround/current/node_modules/node/bin/node");
  });

  it("changes nothing a second time, and never a file that somebody changed, nor the key", () => {
    install(station);
    const key = readFileSync(at("/etc/quietround/data-key"), "utf8");
    expect(install(station)).toMatchObject({ changed: 0, lines: [] });
    appendFileSync(at("/etc/systemd/system/quietround.service"), "# of the site\n");
    const newer: Wanted = {
      ...station,
      templates: new Map([...templates, ["systemd/quietround.service", "[Unit]\nDescription=newer\n"]]),
    };
    const again = install(newer);
    expect(again.lines).toEqual([
      expect.stringContaining("leave /etc/systemd/system/quietround.service, which somebody changed"),
    ]);
    expect(readFileSync(at("/etc/systemd/system/quietround.service"), "utf8")).toContain("# of the site");
    expect(readFileSync(at("/etc/systemd/system/quietround.service.new"), "utf8")).toContain("newer");
    expect(install(newer).changed).toBe(0);
    expect(readFileSync(at("/etc/quietround/data-key"), "utf8")).toBe(key);
  });

  it("names files of the site that were changed here: a new list beside them would let nothing start", () => {
    install(station);
    const machine = { root: machineRoot };
    expect(changedByHand(installPlan(station), machine, usualPlaces.prefix)).toEqual([]);
    appendFileSync(at("/etc/quietround/site.json"), " ");
    const newer = { ...station, siteFiles: new Map([...siteFiles, ["site.json", "{}"]]) };
    expect(changedByHand(installPlan(newer), machine, usualPlaces.prefix)).toEqual(["/etc/quietround/site.json"]);
  });

  it("writes an update over what it wrote itself, beside the release of before", () => {
    install(station);
    const newer = install({ ...station, release: 9, siteFiles: new Map([...siteFiles, ["site.json", "{}"]]) });
    expect(newer.lines.join()).toContain("write /etc/quietround/site.json");
    expect(readdirSync(at("/opt/quietround/releases"))).toEqual(["8", "9"]);
    expect(newer.lines.join()).toContain("point /opt/quietround/current at releases/9");
  });

  it("of a signed release has the files that were signed, and is refused with a package that is another", () => {
    const program = join(folder, "signed");
    const put = (path: string, text: string): void => {
      mkdirSync(join(program, path, ".."), { recursive: true });
      writeFileSync(join(program, path), text);
    };
    for (const part of ["edge-agent", "firmware-bridge", "dashboard", "models", "scripts", "config"])
      put(`${part}/a.ts`, part);
    put("package.json", "{}");
    put("package-lock.json", JSON.stringify({ packages: { "node_modules/tool": { dev: true } } }));
    put("node_modules/a/index.js", "");
    put("node_modules/tool/index.js", "");
    put(
      "site/site.json",
      JSON.stringify({ ...JSON.parse(readFileSync(oneBedroom(folder), "utf8")), demonstration: false }),
    );
    const key = generateKeyPairSync("ed25519").privateKey;
    const packages = packagesList(program);
    const { vkey } = signRelease({
      ...{
        root: program,
        config: join(program, "site/site.json"),
        key,
        name: "maker.example/release",
        number: 8,
        packages,
      },
    });
    const signed = openRelease(program, join(program, "site"), vkey);
    if (!signed.ok) expect.fail(signed.words);
    const machine = { from: program, root: machineRoot, dryRun: false, say: () => {}, signed };
    writeFileSync(join(program, "node_modules/a/index.js"), "changed");
    expect(() => carryOut(installPlan(station), machine, usualPlaces.prefix)).toThrow(
      "node_modules/a/index.js is not what was signed",
    );
    expect(existsSync(at("/opt/quietround/current"))).toBe(false);
    expect(readdirSync(at("/opt/quietround/releases"))).toEqual([]);
    writeFileSync(join(program, "node_modules/a/index.js"), "");
    carryOut(installPlan(station), machine, usualPlaces.prefix);
    expect(readdirSync(at("/opt/quietround/current/node_modules"))).toEqual(["a"]);
    expect(existsSync(at("/opt/quietround/current/site"))).toBe(false);
    put("edge-agent/a.ts", "changed");
    expect(openRelease(program, join(program, "site"), vkey)).toMatchObject({
      ok: false,
      words: expect.stringContaining("edge-agent/a.ts"),
    });
  });

  it("that was cut off goes on: its own files are not taken for somebody else's, and nothing half-copied stays", () => {
    const cut = new Error("the power went");
    const plan = installPlan(station);
    const half = { from, root: machineRoot, dryRun: false };
    const say = (line: string): void => {
      if (line.includes("quietround.service")) throw cut;
    };
    expect(() => carryOut(plan, { ...half, say }, usualPlaces.prefix)).toThrow(cut);
    // As it lies after a cut between two steps of one.
    symlinkSync("releases/7", at("/opt/quietround/current.new"));
    mkdirSync(at("/opt/quietround/releases/9.part/edge-agent"), { recursive: true });
    writeFileSync(at("/opt/quietround/releases/9.part/edge-agent/old.ts"), "");
    const newer = install({
      ...station,
      release: 9,
      templates: new Map([...templates, ["systemd/quietround.service", "[Unit]\nDescription=newer\n"]]),
    });
    expect(newer.lines.join()).not.toContain("somebody changed");
    expect(readFileSync(at("/etc/systemd/system/quietround.service"), "utf8")).toContain("newer");
    expect(existsSync(at("/opt/quietround/releases/9/edge-agent/old.ts"))).toBe(false);
    expect(readFileSync(at("/opt/quietround/installed.json"), "utf8")).not.toContain("unfinished");
  });

  it("runs its commands where something changed, again where one failed, and not where all is so already", () => {
    const here = mkdtempSync(join(folder, "here-"));
    const ran = join(here, "ran");
    const steps = (command: string): Step[] => [
      { is: "link", path: join(here, "current"), to: "releases/8" },
      { is: "run", command: ["sh", "-c", command], why: "a test" },
    ];
    const machine = { from, root: "", dryRun: false, say: () => {} };
    expect(() => carryOut(steps("exit 1"), machine, here)).toThrow("Command failed");
    expect(carryOut(steps(`echo ran >> ${ran}`), machine, here).changed).toBe(1);
    expect(carryOut(steps(`echo ran >> ${ran}`), machine, here).changed).toBe(0);
    expect(readFileSync(ran, "utf8")).toBe("ran\n");
  });

  it("is taken away again, and leaves data, configuration and keys", () => {
    install(station);
    appendFileSync(at("/etc/sysctl.d/90-quietround.conf"), "# of the site\n");
    const lines: string[] = [];
    takeAway(
      installPlan(station),
      { from, root: machineRoot, dryRun: false, say: (line) => void lines.push(line) },
      usualPlaces.prefix,
    );
    expect(existsSync(at("/etc/systemd/system/quietround.service"))).toBe(false);
    expect(existsSync(at("/etc/quietround/data-key"))).toBe(true);
    expect(existsSync(at("/etc/quietround/site.json"))).toBe(true);
    expect(lines).toContain("left, because somebody changed it: /etc/sysctl.d/90-quietround.conf");
  });

  it("of a bedroom unit has one service, and neither configuration nor key of the ward", () => {
    install(unit);
    expect(readdirSync(at("/etc/systemd/system"))).toEqual(["quietround-unit.service", "quietround.target"]);
    expect(existsSync(at("/etc/quietround"))).toBe(false);
  });

  it("repairs owner and mode of what is its own, and says so", () => {
    const account = { uid: 4_321, gid: 4_322 };
    mkdirSync(at("/etc"), { recursive: true });
    writeFileSync(
      at("/etc/passwd"),
      `root:x:0:0::/root:/bin/sh\nquietround:x:${account.uid}:${account.gid}::/:/usr/sbin/nologin\n`,
    );
    writeFileSync(at("/etc/group"), `root:x:0:\nquietround:x:${account.gid}:\n`);
    install(station);
    const root = process.getuid?.() === 0;
    const wrong = ["/etc/quietround/site.json", "/etc/quietround/data-key", "/var/lib/quietround"];
    for (const path of wrong) chmodSync(at(path), 0o777);
    if (root) {
      expect(statSync(at("/etc/quietround/site.json"))).toMatchObject({ uid: 0, gid: account.gid });
      expect(statSync(at("/var/lib/quietround"))).toMatchObject(account);
      chownSync(at("/etc/systemd/system/quietround.service"), 99, 99);
    }
    const said = install(station, true).lines;
    expect(install(station).lines.map((line) => `would ${line}`)).toEqual(said);
    expect(said.join("\n")).toContain("repair /etc/quietround/site.json: it was 777, and is 640, root:quietround");
    expect(said.join("\n")).toContain("repair /etc/quietround/data-key: it was 777, and is 600, root");
    expect(said.join("\n")).toContain("repair /var/lib/quietround: it was 777, and is 700, quietround");
    if (root)
      expect(said.join("\n")).toContain("quietround.service: it was 644, of account 99 and group 99, and is 644, root");
    expect(wrong.map(modeOf)).toEqual(["640", "600", "700"]);
    expect(install(station)).toMatchObject({ changed: 0, lines: [] });
  });

  it("says which port is in use, by whom, and what to change; its own ward's are none", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const taken = {
        ...site,
        dashboard: { ...site.dashboard, port },
        brokers: { ...site.brokers, framesPort: 0, controlPort: 0 },
      };
      const [said, ...more] = await portProblems(taken, "/opt/quietround");
      expect(said).toContain(`port ${port} for the pages is in use by process ${process.pid} (`);
      expect(said).toContain("change dashboard.port in site.json");
      expect(more).toEqual([]);
      const command = whoListens(port)?.command ?? "";
      const prefix = /(\/\S+?)\//.exec(command)?.[1] ?? expect.fail(command);
      expect(await portProblems(taken, prefix)).toEqual([]);
    } finally {
      server.close();
    }
  });

  it("is refused for a demonstration, for what nobody signed, and for a port that is another after each start", () => {
    expect(installProblems(station)).toEqual([]);
    const wrong = (change: Partial<SiteConfig>, files = siteFiles) =>
      installProblems({ ...station, site: { ...site, ...change }, siteFiles: files }).join();
    expect(wrong({ demonstration: true })).toContain("never beside a patient");
    expect(wrong({}, new Map())).toContain("nobody signed this release");
    expect(wrong({ development: true }, new Map())).toBe("");
    expect(wrong({ dashboard: { ...site.dashboard, port: 0 } })).toContain("a port is 0");
  });
});

describe("the services", () => {
  const written = join(folder, "units");
  const names = [
    "quietround.service",
    "quietround-unit.service",
    "quietround-backup.service",
    "quietround-backup.timer",
    "quietround-recover.service",
    "quietround.target",
  ];
  beforeAll(() => {
    mkdirSync(written);
    const port = { ...site, dashboard: { ...site.dashboard, port: 443 } };
    for (const wanted of [unit, { ...station, site: port }])
      for (const step of installPlan(wanted))
        if (step.is === "file" && step.path.startsWith("/etc/systemd/system/"))
          // Only a file that is there can be checked as a program.
          writeFileSync(
            join(written, step.path.split("/").at(-1) ?? ""),
            step.text.replaceAll(
              /\/opt\/quietround\/(current|recover)\/node_modules\/node\/bin\/node/g,
              process.execPath,
            ),
          );
  });

  it("are sound to systemd", () => {
    const ran = spawnSync("systemd-analyze", ["verify", "--man=no", ...names.map((name) => join(written, name))], {
      encoding: "utf8",
    });
    // What this machine itself has, and lacks, is not about them.
    const about = ran.stderr
      .split("\n")
      .filter((line) => line.includes("quietround") && !line.includes("mosquitto.service"));
    expect(about).toEqual([]);
    const broken = join(written, "broken.service");
    writeFileSync(
      broken,
      readFileSync(join(written, "quietround.service"), "utf8").replace("WatchdogSec=30", "WatchdogSec=soon"),
    );
    expect(spawnSync("systemd-analyze", ["verify", "--man=no", broken], { encoding: "utf8" }).stderr).toContain(
      "Failed to parse sec value",
    );
  });

  it.each([
    ["quietround.service", 2.5],
    ["quietround-unit.service", 2.2],
    ["quietround-backup.service", 1.2],
    ["quietround-recover.service", 2.6],
  ])("%s is exposed by at most %d of 10, as systemd counts", (name, max) => {
    const ran = spawnSync("systemd-analyze", ["security", "--offline=yes", "--no-pager", join(written, name)], {
      encoding: "utf8",
    });
    const level = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(ran.stdout)?.[1]);
    expect(level).toBeGreaterThan(0);
    expect(level).toBeLessThanOrEqual(max);
  });

  it.each(["quietround.service", "quietround-unit.service", "quietround-backup.service"])(
    "%s keeps memory off the disk and cannot gain rights",
    (name) => {
      const text = readFileSync(join(written, name), "utf8");
      for (const line of [
        "LimitCORE=0",
        "MemorySwapMax=0",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "User=quietround",
      ])
        expect(text).toContain(`${line}\n`);
      expect(text).toMatch(/^MemoryMax=\d+[MG]$/m);
    },
  );
});
