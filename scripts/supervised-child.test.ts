import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newLog } from "../edge-agent/platform/log.ts";
import { lockData } from "./data-lock.ts";
import { freePort } from "./free-port.ts";
import { openPartLog } from "./part-log.ts";
import { type SupervisedChild, superviseChild } from "./supervised-child.ts";

let folder = "";
let children: SupervisedChild[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-child-"));
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.stop()));
  children = [];
  rmSync(folder, { recursive: true });
});

async function until(holds: () => boolean, what: string, withinMs = 15_000): Promise<void> {
  for (let tries = 0; tries < withinMs / 10; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${what}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A child made of these lines, and what its supervisor said and heard. */
function child(source: string) {
  const file = join(folder, `child-${children.length}.mjs`);
  writeFileSync(file, source);
  const said: string[] = [];
  const shown: string[] = [];
  const lines: string[] = [];
  const hopeless: string[] = [];
  const supervised = superviseChild(
    { name: "part", file, args: ["--x"] },
    {
      log: newLog("start", (line) => said.push(line)),
      partLog: openPartLog(folder, "part", (line) => shown.push(line)),
      onLine: (line) => lines.push(line),
      onHopeless: (name) => hopeless.push(name),
    },
  );
  children.push(supervised);
  return { supervised, said, shown, lines, hopeless };
}

const stays = "setInterval(() => {}, 1000);";

test("a child that was killed is started again, and it is said why it ended", async () => {
  const { supervised, said, lines } = child(`console.log(process.argv[2]); ${stays}`);
  await until(() => lines.length === 1, "the first life");
  const first = supervised.pid;
  process.kill(first ?? 0, "SIGKILL");
  await until(() => lines.length === 2, "the second life");
  expect(supervised.pid).not.toBe(first);
  expect(said.join("")).toContain("part was ended by SIGKILL; starting it again");
  expect(lines).toEqual(["--x", "--x"]);
});

test("a child that ends with code 2 is not started again", async () => {
  const { hopeless, said, supervised } = child('process.stderr.write("port 80 is in use\\n"); process.exitCode = 2;');
  await until(() => hopeless.length === 1, "hopeless");
  expect(supervised.pid).toBeUndefined();
  expect(said.join("")).toContain("port 80 is in use");
});

test("stopping asks first and kills a child that does not hear, by its own id", async () => {
  const kind = child(
    `process.on("SIGTERM", () => { console.log("bye"); process.exit(0); }); console.log("up"); ${stays}`,
  );
  const deaf = child(`process.on("SIGTERM", () => {}); console.log("up"); ${stays}`);
  await until(() => kind.lines.length + deaf.lines.length === 2, "both up");
  const pids = [kind.supervised.pid, deaf.supervised.pid].map((pid) => pid ?? 0);
  await Promise.all([kind.supervised.stop(), deaf.supervised.stop()]);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(kind.lines).toContain("bye");
  expect([...kind.said, ...deaf.said].filter((line) => line.includes("again"))).toEqual([]);
});

test("every line is in the part's log; warnings, errors and standard error are shown", async () => {
  const ours = (level: string): string =>
    JSON.stringify({ level, time: "2026-01-01T10:00:00.000Z", part: "part", msg: `words ${level}` });
  const { lines, shown } = child(
    `for (const line of ${JSON.stringify([ours("info"), ours("warn"), "plain"])}) console.log(line); console.error("from stderr"); ${stays}`,
  );
  await until(() => lines.length === 3 && shown.length === 2, "all lines");
  expect([...shown].sort()).toEqual(["10:00:00 WARN  part: words warn", "part: from stderr"]);
  const log = readFileSync(join(folder, "log/part.log"), "utf8");
  for (const line of [ours("info"), ours("warn"), "plain", "from stderr"]) expect(log).toContain(`${line}\n`);
});

test("a child ends by itself when its supervisor is killed", async () => {
  const here = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
  const childFile = join(folder, "orphan.mjs");
  writeFileSync(
    childFile,
    `import { endWithParent } from ${here("../edge-agent/platform/parent.ts")};
     endWithParent(() => process.exit(0)); console.log(process.pid); ${stays}`,
  );
  const parentFile = join(folder, "parent.mjs");
  writeFileSync(
    parentFile,
    `import { superviseChild } from ${here("./supervised-child.ts")};
     const log = { debug() {}, info() {}, warn() {}, error() {} };
     superviseChild({ name: "part", file: ${JSON.stringify(childFile)}, args: [] },
       { log, partLog: { line() {} }, onLine: (line) => console.log(line), onHopeless() {} });`,
  );
  const parent = spawn(process.execPath, [parentFile], { stdio: ["ignore", "pipe", "inherit"] });
  let heard = "";
  parent.stdout.on("data", (bytes: Buffer) => {
    heard += bytes.toString();
  });
  await until(() => heard.includes("\n"), "the child's id");
  const orphan = Number(heard.trim());
  expect(isAlive(orphan)).toBe(true);
  parent.kill("SIGKILL");
  await until(() => !isAlive(orphan), "the orphan ends");
});

const parentModule = JSON.stringify(fileURLToPath(new URL("../edge-agent/platform/parent.ts", import.meta.url)));
const saysAlive = `import { endWithParent } from ${parentModule}; endWithParent(() => process.exit(0));`;

test("a part that hangs is killed and started again, whether it is stopped or loops; one that is well is left alone", async () => {
  // The first life of the loop hangs after it was heard, the second finds the file and is well.
  const mark = JSON.stringify(join(folder, "looped"));
  const loops = child(`${saysAlive} import { existsSync, writeFileSync } from "node:fs"; console.log("up"); ${stays}
    if (!existsSync(${mark})) setTimeout(() => { writeFileSync(${mark}, ""); for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); }, 1_500);`);
  const stopped = child(`${saysAlive} console.log("up"); ${stays}`);
  const well = child(`${saysAlive} console.log("up"); ${stays}`);
  // Never heard, as a program that is still reading a long log: not judged.
  const mute = child(`console.log("up"); ${stays}`);
  const all = [loops, stopped, well, mute];
  await until(() => all.every(({ lines }) => lines.length > 0), "all up");
  const [, stoppedPid, wellPid, mutePid] = all.map(({ supervised }) => supervised.pid);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  process.kill(stoppedPid ?? 0, "SIGSTOP");
  await until(() => loops.lines.length === 2 && stopped.lines.length === 2, "both have a second life", 30_000);
  expect(isAlive(stoppedPid ?? 0)).toBe(false);
  for (const { said } of [loops, stopped]) {
    expect(said.join("")).toContain("part hangs: no sign of life for 10 s; killing it");
    expect(said.join("")).toContain("part was ended by SIGKILL; starting it again");
  }
  expect([well.supervised.pid, mute.supervised.pid]).toEqual([wellPid, mutePid]);
}, 60_000);

test("the sign of life keeps no process alive", async () => {
  const { supervised, said } = child(`${saysAlive} setTimeout(() => {}, 2_500);`);
  const first = supervised.pid;
  expect(first).toBeDefined();
  await until(() => said.join("").includes("part ended with code 0"), "it ends by itself");
});

test("one supervisor over one folder; a lock of somebody dead does not count", () => {
  const first = lockData(folder);
  expect(first).toMatchObject({ is: "held", afterCrash: false });
  expect(lockData(folder)).toMatchObject({ is: "taken", pid: process.pid });
  if (first.is === "held") first.release();
  const second = lockData(folder);
  expect(second).toMatchObject({ is: "held", afterCrash: false });
  // The id of a process that lives, with another start time: the id was given again after a power cut.
  writeFileSync(join(folder, "supervisor.lock"), `${process.pid} 1\n`);
  expect(lockData(folder)).toMatchObject({ is: "held", afterCrash: true });
  writeFileSync(join(folder, "supervisor.lock"), "garbage");
  expect(lockData(folder)).toMatchObject({ is: "held", afterCrash: true });
});

test("a port that is taken is told from one that is free", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  expect(await freePort("127.0.0.1", address.port)).toBeUndefined();
  await new Promise((resolve) => server.close(resolve));
  expect(await freePort("127.0.0.1", address.port)).toBe(address.port);
  expect(await freePort("127.0.0.1", 0)).toBeGreaterThan(0);
});
