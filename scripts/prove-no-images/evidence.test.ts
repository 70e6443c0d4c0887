import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import { at, client, undoAll, wardWithBrokers } from "../../edge-agent/broker/brokers-for-tests.ts";
import { listenAs, readPages, watchFeed } from "./captures.ts";
import { bytesOf, Evidence, filesBelow } from "./evidence.ts";
import { markedPicture, needlesOf, newMark } from "./mark.ts";
import { proofWords } from "./proof-words.ts";
import { TracedFiles, writtenIn } from "./traced-files.ts";

/* A leak of each kind is planted, and found where it was planted: the proof can fail. */

const mark = newMark(5);
const needles = needlesOf(mark);
const picture = Buffer.from(
  markedPicture(mark, { widthPx: 80, heightPx: 60, cellPx: 1, middle: 2_000, reach: 500 }).buffer,
);
let folder: string;
let evidence: Evidence;
const undo: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-planted-"));
  evidence = new Evidence();
});
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
  rmSync(folder, { recursive: true });
});
const found = async () => (await evidence.search(needles, () => {})).map(({ where }) => where);

describe("a planted leak is found", () => {
  it("in a file, in a row of a database and in what is still in its WAL, in a line of a log", async () => {
    mkdirSync(join(folder, "deep"));
    writeFileSync(join(folder, "deep", "frame.bin"), gzipSync(picture));
    const db = new Database(join(folder, "ward.sqlite"));
    undo.push(() => db.close());
    db.pragma("journal_mode = WAL");
    db.exec("CREATE TABLE leak (what BLOB)");
    db.prepare("INSERT INTO leak VALUES (?)").run(picture);
    for (const path of filesBelow(folder)) evidence.add({ where: path, bytes: bytesOf(path) ?? Buffer.of() });
    const line = JSON.stringify({ level: "debug", msg: "a frame", mm: [...picture] });
    evidence.add({ where: "the log", bytes: Buffer.from(`{"msg":"before"}\n${line}\n`) });
    const where = await found();
    expect(where).toContain(join(folder, "deep", "frame.bin"));
    expect(where.some((path) => path.endsWith(".sqlite-wal"))).toBe(true);
    expect(where).toContain("the log");
  });

  it("in many small messages of which each has a part", async () => {
    for (let from = 0; from < 512; from += 16) {
      evidence.add({ where: "live/room-1", bytes: picture.subarray(from, from + 16) });
    }
    expect(await found()).toEqual(["live/room-1"]);
  });

  it("on a page, in its headers, and in a live feed", async () => {
    const server = createServer((request, reply) => {
      if (request.url === "/header") reply.setHeader("x-frame", picture.toString("base64").slice(0, 4_000));
      reply.end(
        request.url === "/page" ? `<p data-mm="${[...new Uint16Array(picture.buffer)].join(" ")}">` : "nothing",
      );
    });
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket) => socket.send(picture));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    undo.push(
      () => server.close(),
      () => sockets.close(),
    );
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const visitor = { name: "nurse", cookie: "a=b" };
    await readPages(url, visitor, ["/page", "/header", "/calm"], (one) => evidence.add(one));
    const feed = watchFeed(url, visitor, "as=staff", (one) => evidence.add(one));
    await vi.waitFor(() => expect(feed.heard()).toBe(1));
    feed.stop();
    expect((await found()).sort()).toEqual(["HTTP /header as nurse", "HTTP /page as nurse", "WebSocket as nurse"]);
  });

  it("in a message that an account hears", async () => {
    const brokers = await wardWithBrokers();
    undo.push(undoAll);
    const account = { username: "dashboard", password: "secret of dashboard" };
    const broker = { name: "control", port: brokers.controlPort };
    const ear = await listenAs(broker, account, [at.anyLive], (one) => evidence.add(one));
    undo.push(ear.stop);
    const agent = await client("agent", brokers.controlPort);
    await vi.waitFor(() => {
      void agent.link.publish(at.live("room-1"), picture.toString("base64"), { qos: 0 });
      expect(ear.heard()).toBeGreaterThan(0);
    });
    expect(await found()).toEqual([`control broker, dashboard, ${at.live("room-1")}`]);
  });

  it("in a file that a process wrote elsewhere; and one that it removed is named", async () => {
    const traced = new TracedFiles(folder, folder);
    const child = spawn("sh", ["-c", "read go; head -c 9600 picture > elsewhere; : > removed; rm removed; read end"], {
      cwd: folder,
      stdio: ["pipe", "ignore", "ignore"],
    });
    undo.push(() => child.kill());
    writeFileSync(join(folder, "picture"), picture);
    await traced.follow(child.pid ?? 0);
    child.stdin?.write("go\n");
    await vi.waitFor(() => expect(existsSync(join(folder, "elsewhere"))).toBe(true), { timeout: 10_000 });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin?.end("end\n");
    await ended;
    await traced.stop();
    const paths = traced.paths();
    expect([...paths.keys()].filter((path) => path.startsWith(folder)).sort()).toEqual([
      join(folder, "elsewhere"),
      join(folder, "removed"),
    ]);
    expect(paths.get(join(folder, "removed"))).toBeGreaterThan(Date.now() - 60_000);
    evidence.add({ where: "elsewhere", bytes: bytesOf(join(folder, "elsewhere")) ?? Buffer.of() });
    expect(await found()).toEqual(["elsewhere"]);
  });
});

describe("the words of the proof", () => {
  const nothing = {
    sent: { camera: 900 },
    accepted: { "room-1": 800 },
    heard: {},
    files: 20,
    gone: [],
    cores: [],
    swap: "",
    toldBytesPerHour: { "room-1": 6_500_000 },
    bytesPerHourMax: 16_000_000,
    searchedBytes: 9_000_000,
    finds: [],
  };
  it("say that nothing was kept only where all was searched and enough went through", () => {
    expect(proofWords(nothing)).toMatchObject({ sound: true });
    expect(proofWords({ ...nothing, finds: [{ where: "a page", how: "u8" }] }).sound).toBe(false);
    expect(proofWords({ ...nothing, gone: ["/tmp/x"] }).sound).toBe(false);
    expect(proofWords({ ...nothing, cores: ["/core.7"] }).sound).toBe(false);
    expect(proofWords({ ...nothing, accepted: { "room-1": 3 } }).lines.join()).toContain("TOO FEW frames: room-1 3");
    expect(proofWords({ ...nothing, toldBytesPerHour: { "room-1": 17e6 } }).sound).toBe(false);
    expect(proofWords({ ...nothing, toldBytesPerHour: {} }).sound).toBe(false);
    expect(proofWords({ ...nothing, swap: "/dev/zram0" }).lines.join()).toContain("was not searched");
  });
});

it.each([
  ['17 1.5 openat(AT_FDCWD, "/data/a", O_RDWR|O_CREAT, 0644) = 7', ["/data/a"]],
  ['17 1.5 openat(AT_FDCWD, "b", O_WRONLY|O_TRUNC) = 7', ["/here/b"]],
  ['17 1.5 openat(AT_FDCWD, "/data/a", O_RDONLY) = 7', []],
  ['17 1.5 openat(AT_FDCWD, "/data/a", O_RDWR) = -1 ENOENT (No such file or directory)', []],
  ['17 1.5 openat(AT_FDCWD, "/dev/null", O_RDWR) = 7', []],
  ['17 1.5 rename("/data/a", "/data/c") = 0', ["/data/c"]],
  ['17 1.5 memfd_create("frames", 0) = 9', ["/memfd:frames"]],
])("a line of strace: %s", (line, paths) => {
  expect(writtenIn(line, "/here")).toEqual(paths);
});
