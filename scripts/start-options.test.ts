import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import { readScene } from "../firmware-bridge/ports/scene-file.ts";
import { cannotHurry, effectiveSite } from "./effective-site.ts";
import { findRecording, readStartOptions } from "./start-options.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-start-"));
  for (const name of ["sitting", "lying"]) {
    mkdirSync(join(folder, name));
    for (const ending of ["json", "wire.bin"]) writeFileSync(join(folder, name, `${name}.${ending}`), "");
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (...args: string[]) => readStartOptions(args, "/project", folder);
const words = (...args: string[]): string => {
  const got = read(...args);
  return got.is === "wrong" ? got.words : "";
};

test("nothing given: the demonstration ward and its data lie in the project", () => {
  expect(read()).toEqual({
    is: "options",
    options: {
      configPath: "/project/config/demonstration.json",
      dataDir: "/project/data",
      port: undefined,
      framesPort: undefined,
      controlPort: undefined,
      replay: undefined,
      loop: false,
      speed: 1,
    },
  });
});

test("paths are relative to where the person is", () => {
  expect(
    read("--data", "d", "--config", "c.json", "--replay", "sitting/sitting", "--loop", "--speed", "5"),
  ).toMatchObject({
    options: {
      dataDir: join(folder, "d"),
      configPath: join(folder, "c.json"),
      loop: true,
      speed: 5,
      replay: { name: "sitting", wirePath: join(folder, "sitting/sitting.wire.bin") },
    },
  });
});

test("a recording is found by its name, either of its files, or its folder", () => {
  const wanted = {
    name: "lying",
    configPath: join(folder, "lying/lying.json"),
    wirePath: join(folder, "lying/lying.wire.bin"),
  };
  for (const path of ["lying", "lying/lying", "lying/lying.json", "lying/lying.wire.bin"]) {
    expect(findRecording(join(folder, path))).toEqual(wanted);
  }
});

test("bytes alone are a recording of a module, told by its driver", () => {
  rmSync(join(folder, "lying/lying.json"));
  expect(findRecording(join(folder, "lying"))).toMatchObject({ name: "lying", configPath: null });
  const module = {
    is: "bytes",
    model: "ti-vital-signs",
    path: "/x/y.wire.bin",
    lastsSec: 100,
    loop: true,
    speed: 5,
  } as const;
  const started = effectiveSite(site, { ...unchanged, speed: 5 }, module);
  expect(SiteConfig.parse(started)).toEqual(started);
  expect(started.beds[0]?.sensors).toMatchObject([
    {
      model: "ti-vital-signs",
      port: { via: "replay", path: "/x/y.wire.bin", lastsSec: 100, loop: true, speed: 5 },
      source: "recording",
      statedOccupancy: "in-bed",
    },
  ]);
});

test("what is wrong is said in words", () => {
  writeFileSync(join(folder, "lying/other.wire.bin"), "");
  rmSync(join(folder, "sitting/sitting.wire.bin"));
  expect(words("--replay", "lying")).toContain("more than one: lying, other");
  expect(words("--replay", "sitting")).toContain("holds no recording");
  expect(words("--replay", "sitting/sitting")).toContain("there is no");
  expect(words("--replay", ".")).toContain("holds no recording");
  expect(words("--speed", "fast")).toContain("1 to 50");
  expect(words("--speed", "0.5")).toContain("1 to 50");
  expect(words("--port", "70000")).toContain("not a port");
  expect(words("--loop")).toContain("--replay");
  expect(words("--colour", "blue")).toContain("--colour");
  expect(words("stray")).toContain("stray");
  expect(read("--help")).toEqual({ is: "help" });
});

const site = SiteConfig.parse(
  JSON.parse(readFileSync(new URL("../config/demonstration.json", import.meta.url), "utf8")),
);
const unchanged = { port: undefined, framesPort: undefined, controlPort: undefined, speed: 1 };

test("the demonstration tells perception of its depth sensor what the scene says", () => {
  const { depth, bed } = readScene("demonstration");
  const { kind: _, ...size } = bed;
  expect(site.beds[0]?.sensors[1]?.placement).toEqual({ at: depth?.at, towards: depth?.towards, bed: size });
  expect(site.beds[0]?.sensors[1]?.model).toBe("depth-camera");
  expect(depth?.model).toBe("80x60");
});

test("without options the ward is started as it is written, and it is still a ward", () => {
  expect(effectiveSite(site, unchanged, undefined)).toEqual(site);
});

test("with a recording the first bed's only sensor is the stand-in, marked as a recording", () => {
  expect(site.beds[0]?.sensors.map(({ model }) => model)).toEqual(["acconeer-a121", "depth-camera"]);
  const started = effectiveSite(site, { ...unchanged, speed: 20, port: 9_000 }, { is: "stand-in", port: 6_110 });
  expect(SiteConfig.parse(started)).toEqual(started);
  expect(started.beds[0]?.sensors).toHaveLength(1);
  expect(started.beds[0]?.sensors[0]).toMatchObject({
    model: "acconeer-a121",
    port: { via: "tcp", host: "127.0.0.1", port: 6_110 },
    source: "recording",
    statedOccupancy: "in-bed",
  });
  expect(started.clockSpeed).toBe(20);
  expect(started.dashboard.port).toBe(9_000);
});

test("a simulated bedroom goes as fast as the clock; a real sensor cannot be hurried", () => {
  const hurried = effectiveSite(site, { ...unchanged, speed: 5 }, undefined);
  expect(SiteConfig.parse(hurried)).toEqual(hurried);
  expect(hurried.beds[0]?.sensors.map(({ port }) => port)).toMatchObject([{ speed: 5 }, { speed: 5 }]);
  const real = effectiveSite(site, unchanged, { is: "stand-in", port: 6_110 });
  expect(cannotHurry(site, false)).toBeUndefined();
  expect(cannotHurry(real, true)).toBeUndefined();
  expect(cannotHurry(real, false)).toContain("room-1");
});
