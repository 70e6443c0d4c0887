import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reservedDeviceNames, SiteConfig } from "./config.ts";

const real = { via: "tcp", host: "127.0.0.1", port: 6110 };
const simulated = { via: "simulated" };
const sensor = (change: object = {}) => ({ sensor: "radar-1", model: "acconeer-a121", port: real, ...change });
const bed = (change: object = {}) => ({
  bed: "room-1",
  name: "Room 1",
  device: "unit-1",
  sensors: [sensor()],
  ...change,
});
const site = (change: object = {}) => ({
  v: 1,
  trust: "rxx",
  site: "oak",
  ward: "willow",
  wardName: "Willow",
  auditDomain: "willow.example",
  beds: [bed()],
  ...change,
});
const withSensor = (change: object) => ({ beds: [bed({ sensors: [sensor(change)] })] });

/** `path: words` of everything that is wrong. */
function wrong(change: object): string[] {
  const parsed = SiteConfig.safeParse(site(change));
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).sort();
}
const wrongPaths = (change: object): string[] =>
  wrong(change)
    .map((line) => line.slice(0, line.indexOf(":")))
    .sort();

test("a ward with a real sensor is a ward", () => {
  expect(wrong({})).toEqual([]);
});

describe("what a sensor's source allows", () => {
  const source = "beds.0.sensors.0.source";
  const stated = "beds.0.sensors.0.statedOccupancy";

  test.each([
    ["a simulated port without a source", { port: simulated }, [source]],
    ["a simulated port that says it is a recording", { port: simulated, source: "recording" }, [source]],
    ["a simulated port that says so", { port: simulated, source: "simulated" }, []],
    ["a stand-in behind tcp", { source: "recording", statedOccupancy: "in-bed" }, []],
    ["a real sensor that states who is in the bed", { statedOccupancy: "in-bed" }, [stated]],
    ["a simulated bed that states it", { port: simulated, source: "simulated", statedOccupancy: "empty" }, []],
    ["both wrong at once", { port: simulated, statedOccupancy: "empty" }, [source, stated]],
  ])("%s", (_name, change, paths) => {
    expect(wrongPaths(withSensor(change))).toEqual(paths);
  });

  test("the clock is hurried only where no sensor is real, and it says which are", () => {
    const second = bed({ bed: "room-2", device: "unit-2" });
    const recorded = bed({ sensors: [sensor({ source: "recording" })] });
    expect(wrong({ clockSpeed: 20, beds: [recorded] })).toEqual([]);
    expect(wrong({ clockSpeed: 1, beds: [recorded, second] })).toEqual([]);
    expect(wrong({ clockSpeed: 20, beds: [recorded, second] })).toEqual([
      "clockSpeed: more than 1 only where every sensor has a source; real: room-2",
    ]);
  });
});

describe("sensors at one bed", () => {
  const made = { port: simulated, source: "simulated" };
  const point = { xMm: 0, yMm: 0, zMm: 2_000 };
  const placement = { at: point, towards: point, bed: { lengthMm: 2_000, widthMm: 900, topMm: 500 } };
  const depth = (change: object = {}) => ({
    sensor: "depth-1",
    model: "sim-depth-80x60",
    placement,
    ...made,
    ...change,
  });
  const module = (change: object = {}) => ({ sensor: "m-1", model: "seeed-mr60bha2", ...made, ...change });
  const at = (path: string) => `beds.0.sensors.${path}`;
  const both = (...sensors: object[]) => wrongPaths({ beds: [bed({ sensors })] });

  test.each([
    ["a radar and a depth sensor", [sensor(made), depth()], []],
    ["the depth sensor first, and of eight by eight", [depth({ model: "sim-depth-8x8" }), sensor(made)], []],
    ["a depth sensor alone", [depth()], []],
    ["two radars", [sensor(made), sensor({ ...made, sensor: "radar-2" })], ["1.model"]],
    ["two depth sensors", [depth(), depth({ sensor: "depth-2", model: "sim-depth-8x8" })], ["1.model"]],
    ["two of one name", [sensor(made), depth({ sensor: "radar-1" })], ["1.sensor"]],
    ["a depth sensor of true bytes", [sensor(made), depth({ model: "st-vl53l5cx" })], []],
    ["radar, depth and a module", [sensor(made), depth(), module()], []],
    ["a module alone", [module()], []],
    ["two modules, of one kind or another", [module(), module({ sensor: "m-2", model: "hilink-ld2450" })], ["1.model"]],
    [
      "a third that plays something else",
      [sensor(made), depth(), module({ port: { via: "simulated", seed: 3 } })],
      ["2.port"],
    ],
    ["a third that is real", [sensor(made), depth(), module({ port: real, source: null })], ["2.source"]],
    [
      "a third of another opinion",
      [
        sensor({ ...made, statedOccupancy: "empty" }),
        depth({ statedOccupancy: "empty" }),
        module({ statedOccupancy: "in-bed" }),
      ],
      ["2.statedOccupancy"],
    ],
    ["another play each", [sensor(made), depth({ port: { via: "simulated", seed: 2 } })], ["1.port"]],
    ["a real radar beside it", [sensor(), depth()], ["1.source"]],
    ["a recorded radar beside it", [sensor({ source: "recording" }), depth()], []],
    ["a depth sensor behind tcp", [depth({ port: real })], ["0.port.via"]],
    ["a depth sensor that says not where it hangs", [depth({ placement: undefined })], ["0.placement"]],
    ["a radar that says so", [sensor({ placement })], ["0.placement"]],
    [
      "two opinions of who is in the bed",
      [sensor({ ...made, statedOccupancy: "empty" }), depth({ statedOccupancy: "in-bed" })],
      ["1.statedOccupancy"],
    ],
    ["one opinion", [sensor({ ...made, statedOccupancy: "in-bed" }), depth()], []],
  ])("%s", (_name, sensors, paths) => {
    expect(both(...sensors)).toEqual(paths.map(at));
  });

  test("four are too many", () => {
    expect(both(sensor(made), depth(), module(), module({ sensor: "m-2" }))).toContain("beds.0.sensors");
  });

  test.each(["../secret", "a/b", "A", "", "x".repeat(41), "."])("a scene is not called %j", (scene) => {
    expect(both(sensor({ ...made, port: { via: "simulated", scene } }))).toEqual([at("0.port.scene")]);
  });
});

describe("how a sensor is reached", () => {
  const path = "/dev/serial/by-id/usb-Seeed-if00";
  const reached = (model: string, port: object) => wrong(withSensor({ model, port }));
  const placed = (model: string, port: object) => {
    const point = { xMm: 0, yMm: 0, zMm: 2_000 };
    const placement = { at: point, towards: point, bed: { lengthMm: 2_000, widthMm: 900, topMm: 500 } };
    return wrong(withSensor({ model, port, placement }));
  };

  test("by a serial port, at its own baud rate or another", () => {
    expect(reached("seeed-mr60bha2", { via: "serial", path })).toEqual([]);
    expect(reached("hilink-ld6002", { via: "serial", path, baudRate: 1_382_400 })).toEqual([]);
    expect(placed("st-vl53l5cx", { via: "serial", path })).toEqual([]);
    expect(placed("depth-camera", { via: "tcp", port: 7_321 })).toEqual([]);
  });

  test("not by what it does not have, and the words say so", () => {
    expect(placed("depth-camera", { via: "serial", path })).toEqual([
      "beds.0.sensors.0.port.via: depth-camera has no serial port",
    ]);
    expect(reached("acconeer-a121", { via: "serial", path, commandsPath: "/dev/ttyUSB1" })).toEqual([
      "beds.0.sensors.0.port.commandsPath: acconeer-a121 takes its commands on the port of its measurements",
    ]);
    expect(placed("sim-depth-8x8", { via: "serial", path })).toEqual([
      "beds.0.sensors.0.port.via: sim-depth-8x8 is simulated only: it has no wire of its own",
    ]);
  });

  test.each(["ttyUSB0", "", "/", "/dev/a\0b", `/${"x".repeat(200)}`])("%j is no path of a port", (one) => {
    expect(wrongPaths(withSensor({ port: { via: "serial", path: one } }))).toEqual(["beds.0.sensors.0.port.path"]);
  });

  test("one port has one sensor on one unit", () => {
    const port = { via: "serial", path };
    const at = (device: string, name: string) => bed({ bed: name, device, sensors: [sensor({ port, sensor: name })] });
    expect(wrong({ beds: [at("unit-1", "room-1"), at("unit-2", "room-2")] })).toEqual([]);
    expect(wrongPaths({ beds: [at("unit-1", "room-1"), at("unit-1", "room-2")] })).toEqual([
      "beds.1.sensors.0.port.path",
    ]);
  });
});

describe("hosts", () => {
  test.each(["127.0.0.1", "127.255.0.9", "::1", "localhost"])("%s is this machine", (host) => {
    expect(wrong({ brokers: { host }, dashboard: { host } })).toEqual([]);
  });
  test.each(["0.0.0.0", "::", "192.168.1.4", "127.example.org", "127.0.0.1.example", "128.0.0.1", "127.1", ""])(
    "%j is not, or not surely, and the words say why",
    (host) => {
      const words = wrong({ brokers: { host }, dashboard: { host } });
      expect(words.map((line) => line.split(":")[0])).toEqual(["brokers.host", "dashboard.host"]);
      expect(words[0]).toMatch(/only this machine itself|a host's name or address/);
      expect(words[1]).toContain("only with dashboard.tls");
    },
  );
  test.each(["station.willow.example", "10.20.0.5", "fd00::7"])("brokers may be at %s, with TLS only", (host) => {
    expect(wrong({ brokers: { host, tls: "mutual" } })).toEqual([]);
    expect(wrongPaths({ brokers: { host } })).toEqual(["brokers.host"]);
    expect(wrongPaths({ brokers: { host: `${host} `, tls: "mutual" } })).toEqual(["brokers.host"]);
    expect(wrongPaths({ brokers: { host: `mqtts://${host}:1`, tls: "mutual" } })).toEqual(["brokers.host"]);
  });
});

describe("a unit on a machine of its own", () => {
  const placement = { at: { xMm: 0, yMm: 0, zMm: 2_000 }, towards: { xMm: 0, yMm: 0, zMm: 500 } };
  const size = { lengthMm: 2_000, widthMm: 900, topMm: 500 };
  const eye = sensor({ model: "st-vl53l5cx", sensor: "eye", placement: { ...placement, bed: size } });
  const beds = (...more: unknown[]) => [bed({ device: "unit-1", sensors: [sensor(), ...more] })];

  test("is a unit of the ward, over TLS, and has no depth sensor", () => {
    const remote = { tls: "mutual", remoteUnits: ["unit-1"] };
    expect(wrong({ beds: beds(), brokers: remote })).toEqual([]);
    expect(wrongPaths({ beds: beds(), brokers: { ...remote, tls: "none" } })).toEqual(["brokers.remoteUnits"]);
    expect(wrongPaths({ beds: beds(), brokers: { ...remote, remoteUnits: ["unit-7"] } })).toEqual([
      "brokers.remoteUnits.0",
    ]);
    expect(wrong({ beds: beds(eye), brokers: remote })).toEqual([
      expect.stringContaining("depth frames never leave the machine that has the sensor"),
    ]);
    expect(wrong({ beds: beds(eye), brokers: { tls: "mutual" } })).toEqual([]);
  });
});

test("ports differ, but each may be any free one", () => {
  const ports = (framesPort: number, controlPort: number, port: number) =>
    wrongPaths({ brokers: { framesPort, controlPort }, dashboard: { port } });
  expect(ports(0, 0, 0)).toEqual([]);
  expect(ports(5_000, 5_001, 5_002)).toEqual([]);
  expect(ports(5_000, 5_000, 0)).toEqual(["brokers.controlPort"]);
  expect(ports(5_000, 5_001, 5_000)).toEqual(["dashboard.port"]);
  expect(ports(5_000, 5_001, 5_001)).toEqual(["dashboard.port"]);
  // A default counts as well.
  expect(wrongPaths({ dashboard: { port: 18_831 } })).toEqual(["dashboard.port"]);
});

test("data are stale before a sensor is lost", () => {
  expect(wrong({ limits: { staleAfterMs: 2_000, sensorLostAfterMs: 2_000 } })).toEqual([]);
  expect(wrongPaths({ limits: { staleAfterMs: 2_001, sensorLostAfterMs: 2_000 } })).toEqual(["limits.staleAfterMs"]);
  expect(wrongPaths({ limits: { staleAfterMs: 9_000 } })).toEqual(["limits.staleAfterMs"]);
});

test.each(reservedDeviceNames)("no device is called %s", (device) => {
  expect(wrongPaths({ beds: [bed({ device })] })).toEqual(["beds.0.device"]);
});

test("every error is told at once, whatever else is wrong", () => {
  const change = {
    wardName: 7,
    colour: "blue",
    clockSpeed: 2,
    beds: [
      bed({ device: "admin", sensors: [sensor({ port: simulated, colour: "red" })] }),
      bed({ device: "unit-2", sensors: [sensor({ statedOccupancy: "in-bed" })] }),
    ],
    brokers: { host: "0.0.0.0", framesPort: 5_000, controlPort: 5_000, colour: "green" },
    dashboard: { port: 5_000 },
    limits: { staleAfterMs: 9_000, colour: "black" },
  };
  expect(wrongPaths(change)).toEqual(
    [
      "", // unknown key "colour"
      "beds.0.device",
      "beds.0.sensors.0", // unknown key
      "beds.0.sensors.0.source",
      "beds.1.bed", // named twice
      "beds.1.sensors.0.statedOccupancy",
      "brokers", // unknown key
      "brokers.controlPort",
      "brokers.host",
      "clockSpeed",
      "dashboard.port",
      "limits", // unknown key
      "limits.staleAfterMs",
      "wardName",
    ].sort(),
  );
});

test("nothing makes it throw", () => {
  const parts = fc.record(
    Object.fromEntries(Object.keys(SiteConfig.shape).map((key) => [key, fc.anything({ maxDepth: 4 })])),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(parts, (change) => {
      expect(typeof SiteConfig.safeParse({ ...site(), ...change }).success).toBe("boolean");
    }),
  );
});
