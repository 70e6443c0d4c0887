import { spawnSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReleaseState } from "../edge-agent/contract/release-state.ts";
import { sensingPurposes } from "../edge-agent/contract/words.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { openAgentDesk } from "../scripts/ask-agent.ts";
import { code } from "../scripts/demonstration.ts";
import { touchTurnOn } from "../scripts/made-up-people.ts";
import { signRelease } from "../scripts/release/sign.ts";
import { askAgentState } from "../scripts/update/ask-agent-state.ts";
import { linkOf } from "../scripts/update/swap.ts";
import { pageAddress } from "../scripts/welcome.ts";
import { activation, admission } from "./core-driver.ts";
import { installedMachine, type Machine, pictureOf, project } from "./installed-machine.ts";

/* A station with somebody in a bed gets newer releases: good ones, and each kind of bad one. Real processes, from their signature on. */

let station: Machine;
let stay: string;

const until = async <T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  const begun = performance.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() - begun > 90_000) throw new Error(`waited for: ${what}\n${station.log().slice(-3_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
const monitored = (): Promise<ReleaseState> =>
  until("the room is monitored", async () => {
    const state = await askAgentState(station.place.data);
    return state?.rooms[0]?.notMonitored === null ? state : undefined;
  });
const consents = (): unknown[] => {
  const db = openForReading(join(station.place.data, "ward.sqlite"));
  try {
    return db.prepare("SELECT stay, purpose, state, at FROM consent ORDER BY transition").all();
  } finally {
    db.close();
  }
};
const current = (): string | undefined => linkOf(join(station.place.prefix, "current"));
const accepted = (): string => readFileSync(join(station.place.data, "release.accepted"), "utf8").trim();
const changeLine = (program: string, file: string, from: string, to: string): void => {
  const text = readFileSync(join(program, file), "utf8");
  expect(text).toContain(from);
  writeFileSync(join(program, file), text.replace(from, to));
};
/** A line of the agent before it has opened anything. */
const atFirst = "const root = fileURLToPath";
const ends = (line: string) => (at: string) =>
  changeLine(at, "edge-agent/main.ts", line, `if (!options.check) process.exit(2);\n${line}`);

beforeAll(async () => {
  station = await installedMachine({ packages: "real" });
  station.service("start");
  await until("the ward runs", () => (station.log().includes("Nurse station") ? true : undefined));
  const { site, place } = station;
  const desk = openAgentDesk(
    site,
    place.data,
    newLog("test", () => {}),
  );
  const bed = "room-1";
  const admitted = await desk.ask({ do: "admit", bed, label: "TEST", ...admission }, 30_000);
  stay = admitted.is === "stay" ? admitted.stay : expect.fail(admitted.is);
  for (const purpose of sensingPurposes) await desk.ask({ do: "offer", bed, stay, purpose, activation });
  const invited = code(await desk.ask({ do: "invite-bedside", bed }));
  await desk.close();
  await touchTurnOn(pageAddress(site, ""), invited.code, { bed, stay });
  await monitored();
}, 180_000);
afterAll(() => station?.stop(), 60_000);

/** Whatever was tried: the release of before runs, the room is monitored, the person's yes is theirs, and the log has lost nothing. */
async function asBefore(release: number, before: { entries: unknown[]; consents: unknown[] }): Promise<void> {
  expect(current()).toBe(`releases/${release}`);
  expect(accepted()).toBe(String(release));
  expect((await monitored()).release).toBe(release);
  expect(consents()).toEqual(before.consents);
  expect(station.entries().slice(0, before.entries.length)).toEqual(before.entries);
  expect(existsSync(join(station.place.prefix, "update.json"))).toBe(false);
}
const now = () => ({ entries: station.entries(), consents: consents() });

describe("a release that may not run here", () => {
  it("is looked at without a trace, where only looking was asked for", async () => {
    const boot = (await monitored()).boot;
    const release = station.release(2);
    const [before, log] = [pictureOf(station.place.prefix, /node_modules/), station.entries("release.update")];
    const ran = station.update("--release", release, "--dry-run");
    expect(ran.stdout).toContain("release 2 is signed for this site");
    expect(ran.stdout).toContain("would stop quietround.service");
    expect(ran.status).toBe(0);
    expect(pictureOf(station.place.prefix, /node_modules/)).toEqual(before);
    expect(station.entries("release.update")).toEqual(log);
    expect((await monitored()).boot).toBe(boot);
    rmSync(release, { recursive: true });
  });

  const otherKey = (program: string): void => {
    const key = createPrivateKey(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
    const packages = readFileSync(join(program, "site/packages.list"), "utf8");
    const config = join(program, "site/site.json");
    signRelease({ root: program, config, key, name: "maker.example/release", number: 2, packages });
  };
  it.each([
    [
      "a line was changed",
      (at: string) => changeLine(at, "edge-agent/loop.ts", "import", " import"),
      "edge-agent/loop.ts is missing, or not what was signed",
    ],
    [
      "the configuration was changed",
      (at: string) => changeLine(at, "site/site.json", "{", " {"),
      "site.json is not what was signed",
    ],
    [
      "the list of packages was changed",
      (at: string) => changeLine(at, "site/packages.list", " zod/", " zed/"),
      "packages.list is not what was signed",
    ],
    [
      "nobody signed it",
      (at: string) => rmSync(join(at, "site/release.note")),
      "nobody signed it: release.note missing",
    ],
    ["somebody else signed it", otherKey, "not signed with the key that is trusted here"],
  ])("is refused where %s, before anything is touched, and the log says so", async (_what, spoil, words) => {
    const before = now();
    const boot = (await monitored()).boot;
    const release = station.release(2);
    spoil(release);
    const ran = station.update("--release", release);
    expect(ran.stdout).toContain("REFUSED, nothing was changed");
    expect(ran.stdout).toContain(words);
    expect(ran.status).toBe(1);
    await asBefore(1, before);
    expect((await monitored()).boot).toBe(boot);
    expect(readdirSync(join(station.place.prefix, "releases"))).toEqual(["1"]);
    expect(station.entries("release.update").at(-1)?.detail).toMatchObject({ step: "refused", from: 1 });
    rmSync(release, { recursive: true });
  });

  it("is refused where the archive is broken", () => {
    const archive = join(station.folder, "broken.tar.gz");
    writeFileSync(archive, "no archive");
    const ran = station.update("--release", archive);
    expect(ran.stdout).toContain("cannot be unpacked");
    expect(ran.status).toBe(1);
  });

  it("is refused where it changes the records in a way that the one of before cannot read", async () => {
    const before = now();
    const newer = station.release(2, newerSchema);
    const ran = station.update("--release", newer);
    expect(ran.stdout).toContain("it changes the schema of ward.sqlite");
    expect(ran.status).toBe(1);
    await asBefore(1, before);
    rmSync(newer, { recursive: true });
  });
});

function newerSchema(at: string): void {
  const file = join(at, "edge-agent/records/ward-schema.ts");
  const text = readFileSync(file, "utf8");
  const end = text.lastIndexOf("];");
  writeFileSync(
    file,
    `${text.slice(0, end)}  "CREATE TABLE of_the_newer_release (x INTEGER) STRICT;",\n${text.slice(end)}`,
  );
}

describe("a release that is not well here is taken back by itself", () => {
  it("where it ends at each start", async () => {
    const before = now();
    const release = station.release(2, ends(atFirst));
    const ran = station.update("--release", release, "--wait-s", "1");
    expect(ran.stdout).toMatch(/ROLLED BACK to release 1: release 2 was not well \(the service ended \d+ times/);
    expect(ran.status).toBe(3);
    await asBefore(1, before);
    expect(station.entries("release.update").slice(-2)).toMatchObject([
      { detail: { step: "begun", from: 1, to: 2 } },
      { detail: { step: "rolled-back", from: 1, to: 2 } },
    ]);
    rmSync(release, { recursive: true });
  }, 240_000);

  it("where it never gets ready", async () => {
    const before = now();
    const release = station.release(3, (at) =>
      changeLine(
        at,
        "edge-agent/main.ts",
        atFirst,
        `if (!options.check) await new Promise(() => setInterval(() => {}, 1_000));\n${atFirst}`,
      ),
    );
    const ran = station.update("--release", release, "--wait-s", "0", "--ready-s", "3");
    expect(ran.stdout).toMatch(
      /ROLLED BACK to release 1: release 3 was not well \(after 3 s still: the agent does not answer/,
    );
    expect(ran.status).toBe(3);
    await asBefore(1, before);
    rmSync(release, { recursive: true });
  }, 240_000);
});

describe("a good release", () => {
  it("is kept, also where the update itself lost its power at the last moment", async () => {
    const before = now();
    const release = station.release(5);
    const child = [join(project, "tests/update-child.ts"), station.root, station.systemctl, release, "keeping"];
    const cut = spawnSync(process.execPath, child, { encoding: "utf8", timeout: 200_000 });
    expect(cut.stdout).toContain("the ward is well");
    expect(cut.signal).toBe("SIGKILL");
    const again = station.update("--release", release);
    expect(again.stdout).toContain("an update was cut off here");
    expect(again.status).toBe(1);
    const recovered = station.update("--recover");
    expect(recovered.stdout).toContain("release 5 runs, and is kept");
    expect(recovered.status).toBe(0);
    await asBefore(5, before);
    expect(station.entries("release.update").at(-1)?.detail).toMatchObject({ step: "kept", from: 1, to: 5 });
    expect(readlinkSync(join(station.place.prefix, "recover"))).toBe("releases/5");
    expect(station.update("--release", release).stdout).toContain("release 5 runs here already");
  }, 240_000);

  it("has what was signed, and no file beside it", () => {
    const program = join(station.place.prefix, "releases/5");
    expect(existsSync(join(program, "site"))).toBe(false);
    expect(existsSync(join(program, "edge-agent/main.ts"))).toBe(true);
    expect(existsSync(join(program, "node_modules/zod/package.json"))).toBe(true);
    expect(readdirSync(join(station.place.prefix, "releases"))).toEqual(["1", "2", "3", "5"]);
  });

  it("is not followed by an older one", async () => {
    const before = now();
    const release = station.release(3);
    const ran = station.update("--release", release);
    expect(ran.stdout).toContain("it is release 3, and release 5 ran here before");
    expect(ran.status).toBe(1);
    await asBefore(5, before);
  });

  it("has a log that anybody can verify", () => {
    const out = join(station.folder, "export");
    const run = (script: string, args: readonly string[]) =>
      spawnSync(process.execPath, [join(project, "scripts", script), ...args], { encoding: "utf8", timeout: 60_000 });
    expect(run("audit-export.ts", ["--data", station.place.data, "--out", out]).stderr).toBe("");
    const checked = run("audit-verify.ts", [join(out, "ward"), "--key", join(station.place.data, "keys/station.vkey")]);
    expect(checked.stdout + checked.stderr).toMatch(/whole|verified|ok/i);
    expect(checked.status).toBe(0);
  });
});

describe("a package that is changed after it was put in", () => {
  it("is found beside the running ward: an entry of the log, and the ward goes on", async () => {
    const said = (): string => readFileSync(join(station.place.data, "log/agent.log"), "utf8");
    await until("the packages were read", () => (said().includes("as it was signed") ? true : undefined));
    expect(station.entries("release.changed")).toEqual([]);
    station.service("stop");
    const file = join(station.place.prefix, "releases/5/node_modules/zod/package.json");
    writeFileSync(file, `${readFileSync(file, "utf8")} `);
    station.service("start");
    const [found] = await until("the entry", () => {
      const entries = station.entries("release.changed");
      return entries.length > 0 ? entries : undefined;
    });
    expect(found?.detail).toEqual({
      release: 5,
      differing: ["node_modules/zod/package.json is not what was signed"],
    });
    expect((await monitored()).release).toBe(5);
  }, 120_000);
});
