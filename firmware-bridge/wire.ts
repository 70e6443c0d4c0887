import { readFileSync } from "node:fs";
import type { SensorConfig } from "../edge-agent/contract/config.ts";
import { topicsOf } from "../edge-agent/contract/gateway.ts";
import type { Scene } from "../edge-agent/contract/scene.ts";
import type { Clock } from "../edge-agent/platform/clock.ts";
import { newLazyPort } from "./ports/lazy.ts";
import type { Port } from "./ports/port.ts";
import { simulatedDepthSensor } from "./ports/simulated-depth.ts";
import { newTcpPort } from "./ports/tcp.ts";
import { sensors } from "./sensors/index.ts";
import { newGatewayTalk } from "./sensors/mqtt-gateway.ts";
import type { LineSensor } from "./sensors/sensor.ts";

export interface WireParts {
  readonly clock: Clock;
  /** Every scene that a simulated port names. */
  readonly scenes: ReadonlyMap<string, Scene>;
}

export interface Wire {
  readonly sensor: LineSensor;
  readonly newPort: () => Port;
  readonly retryMsMax?: number;
}

/** What is plugged in again works within 5 s: looking for a device's file costs next to nothing. */
const serialRetryMsMax = 1_000;

/* Loaded where a sensor of the unit needs them. */
const loadSimulated = () => import("./ports/simulated.ts");
const loadSerial = () => import("./ports/serial.ts");
const loadMqtt = () => import("./ports/mqtt.ts");

/** What the configuration names: a sensor of the table, and the way to it. */
export function wireOf(config: SensorConfig, parts: WireParts): Wire {
  const { model, port } = config;
  if (model === "sim-depth-80x60" || model === "sim-depth-8x8") {
    return { sensor: simulatedDepthSensor, newPort: () => newDepthPort(config, parts) };
  }
  const sensor = sensors[model];
  const answersOn = sensor.baudRate?.commands === undefined ? "data" : "commands";
  switch (port.via) {
    case "tcp":
      return { sensor, newPort: () => newTcpPort({ host: port.host, port: port.port }) };
    case "simulated": {
      const load = async (): Promise<Port> => {
        const [{ newSimulatedPort }, { standIns }] = await Promise.all([
          loadSimulated(),
          import("./simulator/stand-ins.ts"),
        ]);
        const open = () => standIns[model](sceneOf(port, parts), port.speed);
        return newSimulatedPort(open, parts.clock, answersOn);
      };
      return { sensor, newPort: () => newLazyPort(load) };
    }
    case "mqtt": {
      const { host, port: brokerPort, fields } = port;
      const topics = topicsOf(fields);
      return {
        sensor: { ...sensor, newTalk: () => newGatewayTalk(fields) },
        newPort: () => newLazyPort(async () => (await loadMqtt()).newMqttPort({ host, port: brokerPort, topics })),
      };
    }
    case "replay": {
      const { path, lastsSec, loop, speed } = port;
      const hasConsole = answersOn === "commands";
      const load = async (): Promise<Port> => {
        const [{ newSimulatedPort }, { openRecordedStandIn }] = await Promise.all([
          loadSimulated(),
          import("./simulator/recorded-stand-in.ts"),
        ]);
        const open = () => openRecordedStandIn({ wire: readFileSync(path), lastsSec, loop, hasConsole }, speed);
        return newSimulatedPort(open, parts.clock, answersOn);
      };
      return { sensor, newPort: () => newLazyPort(load) };
    }
    case "serial": {
      const { baudRate } = sensor;
      // The configuration refuses such a pair.
      if (baudRate === null) throw new Error(`${model} has no serial port`);
      const { breakFirst = false } = baudRate;
      const data = { path: port.path, baudRate: port.baudRate ?? baudRate.data, breakFirst };
      const commands =
        baudRate.commands === undefined || port.commandsPath === undefined
          ? undefined
          : { path: port.commandsPath, baudRate: baudRate.commands };
      const load = async (): Promise<Port> => (await loadSerial()).newSerialPort({ data, commands });
      return { sensor, newPort: () => newLazyPort(load), retryMsMax: serialRetryMsMax };
    }
  }
}

/** Sensors of a bed look at the same play: one scene, and one seed for all of it. */
function sceneOf(port: Extract<SensorConfig["port"], { via: "simulated" }>, { scenes }: WireParts): Scene {
  const scene = scenes.get(port.scene);
  if (scene === undefined) throw new Error(`the scene ${port.scene} was not read`);
  return { ...scene, seed: port.seed };
}

function newDepthPort({ port }: SensorConfig, parts: WireParts): Port {
  // The configuration refuses any other.
  if (port.via !== "simulated") throw new Error("a simulated depth sensor has no wire of its own");
  return newLazyPort(async () => {
    const [{ newSimulatedDepthPort }, { openDepthCamera }] = await Promise.all([
      import("./ports/simulated-depth.ts"),
      import("./simulator/depth-camera.ts"),
    ]);
    return newSimulatedDepthPort(openDepthCamera(sceneOf(port, parts)), port.speed, parts.clock);
  });
}
