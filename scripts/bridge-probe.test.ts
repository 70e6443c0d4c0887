import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { SensorConfig, serialPorts } from "../edge-agent/contract/config.ts";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { sensors } from "../firmware-bridge/sensors/index.ts";
import type { Sensor } from "../firmware-bridge/sensors/sensor.ts";
import { type StandIn, standIns } from "../firmware-bridge/simulator/stand-ins.ts";
import { type Cable, haveSocat, newCable, standAt } from "../tests/pseudo-terminal.ts";
import { type Found, probePort } from "./probe-port.ts";
import { pasted, wordsOf } from "./probe-words.ts";

type Model = keyof typeof standIns;
const all = Object.values<Sensor>(sensors);
/** A pseudo-terminal has every baud rate at once; modules with the same framing are told apart by it. */
const sameBytes: readonly (readonly [Model, Model])[] = [
  ["hilink-ld6002", "seeed-mr60bha2"],
  ["seeed-mr60bha2", "hilink-ld6002"],
];
const onSerial = (Object.keys(standIns) as Model[]).filter((model) => serialPorts(model) === "one");
/** Where nothing speaks, this long for each. */
const quick = { listenMs: 300, answerWithinMs: 300 };
/** Where something will speak or answer, it is waited for no longer than that takes: a busy machine may be slow. */
const patient = { listenMs: 1_000, answerWithinMs: 2_000 };

const cables: Cable[] = [];
afterEach(async () => {
  for (const cable of cables.splice(0)) await cable.remove();
});

/** A stand-in at the far end, ten times as fast as the sensor. */
async function plugged(model: Model): Promise<{ path: string; standIn: () => StandIn | undefined }> {
  let standIn: StandIn | undefined;
  const scene = readScene(model === "st-vl53l5cx" ? "asleep-8x8" : "asleep");
  const cable = await newCable((wire) => {
    standIn = standIns[model](scene, 10);
    standAt(wire, standIn);
  });
  cables.push(cable);
  await cable.plug();
  return { path: cable.path, standIn: () => standIn };
}

describe.skipIf(!haveSocat)("a probe of a serial port", () => {
  it.each(onSerial)(
    "recognises %s by its bytes, starts nothing, and prints what the bridge takes",
    async (model) => {
      const confused = sameBytes.find(([one]) => one === model)?.[1];
      const asked = all.filter(({ name }) => name !== confused);
      const { path } = await plugged(model);
      const probed = await probePort(path, { sensors: asked, ...patient });
      const baudRate = sensors[model].baudRate?.data;
      expect(probed, JSON.stringify(probed)).toMatchObject({ is: "found", link: "data", baudRate });
      const found = probed as Found;
      expect(found.models).toContain(model);
      const [toPaste] = pasted([{ path, found: { ...found, models: [model] } }], [path]);
      expect(toPaste).toMatchObject({ model, port: { via: "serial", path } });
      const sound = SensorConfig.safeParse(toPaste);
      // Nobody but the person there can say where a depth sensor hangs.
      expect(sound.success).toBe(sensors[model].kind !== "depth");
      expect(sound.error?.issues.map(({ path: at }) => at.join(".")) ?? ["placement"]).toEqual(["placement"]);
      if (sensors[model].off === "ignored") return;
      // It is silent now: what comes is the answer to another stop.
      const again = await probePort(path, { sensors: asked.filter(({ name }) => name === model), ...patient });
      expect(again).toMatchObject({
        is: "found",
        models: [model],
        how: "sure",
        why: expect.stringMatching(/^it answered/),
      });
    },
    30_000,
  );

  it("names both where an answer is all there is, and says what would tell them apart", async () => {
    // Many are asked that are not there.
    const asMany = { ...patient, answerWithinMs: 800 };
    const { path } = await plugged("hilink-ld2450");
    const first = await probePort(path, { sensors: all, ...asMany });
    expect(first).toMatchObject({ models: ["hilink-ld2450"], how: "likely" });
    const second = await probePort(path, { sensors: all, ...asMany });
    expect(second).toMatchObject({ is: "found", models: ["hilink-ld2410", "hilink-ld2450"], how: "perhaps" });
    expect(wordsOf(path, second)).toContain("perhaps hilink-ld2410 or hilink-ld2450 at 256000 baud");
    expect(wordsOf(path, second)).toContain("take its power away");
  }, 60_000);

  it("says so where nothing is known, nothing speaks, or nothing is there", async () => {
    const slow = all.filter(({ off }) => off === "stops");
    const noise = await newCable((wire) => {
      const timer = setInterval(() => wire.write(Buffer.alloc(200, 0x41)), 20);
      wire.on("close", () => clearInterval(timer));
    });
    const silence = await newCable(() => {});
    cables.push(noise, silence);
    await Promise.all([noise.plug(), silence.plug()]);
    const [loud, quiet, none] = await Promise.all(
      [noise.path, silence.path, "/dev/not-there"].map((path) => probePort(path, { sensors: slow, ...quick })),
    );
    expect(loud, JSON.stringify(loud)).toMatchObject({ is: "unknown" });
    expect(loud?.is === "unknown" ? loud.bytes : 0).toBeGreaterThan(1_000);
    expect(quiet).toEqual({ is: "unknown", bytes: 0, baudRate: null });
    expect(none?.is === "failed" ? none.words : "").toMatch(/^no device at \/dev\/not-there; /);
  });

  it("finds the commands of a sensor with two ports, and its other port by the adapter's name", async () => {
    const [base] = all.filter(({ name }) => name === "hilink-ld2450");
    if (base === undefined) throw new Error("no such sensor");
    const two: Sensor = { ...base, baudRate: { data: 921_600, commands: 115_200 } };
    const { path } = await plugged("hilink-ld2450");
    // What it streams comes on the data port only; here both are one, and only commands are asked at 115200.
    const probed = await probePort(path, { sensors: [two], ...quick });
    expect(probed).toMatchObject({ is: "found", link: "commands", baudRate: 115_200 });
    const adapter = "/dev/serial/by-id/usb-Silicon_Labs_CP2105_0123";
    const found: Found = {
      is: "found",
      models: ["ti-iwr6843"],
      link: "commands",
      baudRate: 115_200,
      how: "sure",
      why: "",
    };
    const here = [`${adapter}-if00-port0`, `${adapter}-if01-port0`, "/dev/serial/by-id/usb-Other-if01-port0"];
    const both = [
      { path: here[0] ?? "", found },
      { path: here[1] ?? "", found: { ...found, link: "data" as const } },
    ];
    const port = { via: "serial", path: here[1], commandsPath: here[0] };
    for (const one of [both, both.slice(0, 1), both.slice(1)]) {
      expect(pasted(one, here).map((paste) => paste.port)).toEqual([port]);
    }
    expect(pasted(both.slice(0, 1), ["/dev/ttyUSB1"])[0]?.port).toMatchObject({ path: null });
  });

  it("as a command: words for a person, and JSON alone on standard output", async () => {
    const { path } = await plugged("seeed-mr60bha2");
    const script = fileURLToPath(new URL("./bridge-probe.ts", import.meta.url));
    const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let words = "";
    child.stdout.on("data", (bytes: Buffer) => {
      out += bytes.toString();
    });
    child.stderr.on("data", (bytes: Buffer) => {
      words += bytes.toString();
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(words).toMatch(/^.+: seeed-mr60bha2 at 115200 baud \(\d+ frames with a right checksum\)\n$/);
    expect(JSON.parse(out)).toEqual({
      sensors: [{ sensor: "module-1", model: "seeed-mr60bha2", port: { via: "serial", path } }],
    });
    expect(code).toBe(0);
  });
});
