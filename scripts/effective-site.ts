import {
  kindOfModel,
  type SensorConfig,
  type SensorModel,
  type SensorPort,
  type SiteConfig,
} from "../edge-agent/contract/config.ts";
import type { StartOptions } from "./start-options.ts";

type Changes = Pick<StartOptions, "port" | "framesPort" | "controlPort" | "speed">;

/**
 * The ward as it is started: ports as the options say; with a recording the first bed's only sensor is the one that
 * replays it, marked as a recording, with the occupancy that the recording states. Every process reads this value.
 */
export function effectiveSite(site: SiteConfig, changes: Changes, replayed: Replayed | undefined): SiteConfig {
  const faster = changes.speed !== 1;
  return {
    ...site,
    clockSpeed: faster ? changes.speed : site.clockSpeed,
    brokers: {
      ...site.brokers,
      framesPort: changes.framesPort ?? site.brokers.framesPort,
      controlPort: changes.controlPort ?? site.brokers.controlPort,
    },
    dashboard: { ...site.dashboard, port: changes.port ?? site.dashboard.port },
    beds: site.beds.map((bed, place) => ({
      ...bed,
      sensors:
        replayed !== undefined && place === 0
          ? [ofRecording(bed.sensors, replayed)]
          : bed.sensors.map((sensor) => ({
              ...sensor,
              port: faster ? hurried(sensor.port, changes.speed) : sensor.port,
            })),
    })),
  };
}

/** The recording of an A121 comes from a stand-in on a TCP port; bytes of a module from the file itself. */
export type Replayed =
  | { readonly is: "stand-in"; readonly port: number }
  | {
      readonly is: "bytes";
      readonly model: SensorModel;
      readonly path: string;
      readonly lastsSec: number;
      readonly loop: boolean;
      readonly speed: number;
    };

function ofRecording(sensors: readonly SensorConfig[], replayed: Replayed): SensorConfig {
  const common = { source: "recording", statedOccupancy: "in-bed" } as const;
  switch (replayed.is) {
    case "stand-in": {
      const sensor = sensors.find(({ model }) => kindOfModel[model] === "radar-iq")?.sensor ?? "radar-1";
      const port = { via: "tcp", host: "127.0.0.1", port: replayed.port } as const;
      return { sensor, model: "acconeer-a121", port, ...common };
    }
    case "bytes": {
      const { model, path, lastsSec, loop, speed } = replayed;
      return { sensor: "module-1", model, port: { via: "replay", path, lastsSec, loop, speed }, ...common };
    }
  }
}

const hurried = (port: SensorPort, speed: number): SensorPort => (port.via === "simulated" ? { ...port, speed } : port);

/** A real sensor keeps its own time: a hurried clock beside it would only make every reading stale. */
export function cannotHurry(site: SiteConfig, replaying: boolean): string | undefined {
  const real = site.beds.filter(
    (bed, place) => !(replaying && place === 0) && bed.sensors.some(({ port }) => port.via !== "simulated"),
  );
  if (real.length === 0) return undefined;
  return `--speed: ${real.map(({ bed }) => bed).join(", ")} has a sensor that keeps real time`;
}
