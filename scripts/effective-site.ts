import { kindOfModel, type SensorConfig, type SensorPort, type SiteConfig } from "../edge-agent/contract/config.ts";
import type { StartOptions } from "./start-options.ts";

type Changes = Pick<StartOptions, "port" | "framesPort" | "controlPort" | "speed">;

/**
 * The ward as it is started: ports as the options say; with a recording the first bed's only sensor is the stand-in
 * that replays it, marked as a recording, with the occupancy that the recording states. Every process reads this value.
 */
export function effectiveSite(site: SiteConfig, changes: Changes, standInPort: number | undefined): SiteConfig {
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
        standInPort !== undefined && place === 0
          ? // A recording is of a radar alone.
            bed.sensors
              .filter(({ model }) => kindOfModel[model] === "radar-iq")
              .map((sensor) => replayed(sensor, standInPort))
          : bed.sensors.map((sensor) => ({
              ...sensor,
              port: faster ? hurried(sensor.port, changes.speed) : sensor.port,
            })),
    })),
  };
}

const replayed = (sensor: SensorConfig, port: number): SensorConfig => ({
  ...sensor,
  port: { via: "tcp", host: "127.0.0.1", port },
  source: "recording",
  statedOccupancy: "in-bed",
});

const hurried = (port: SensorPort, speed: number): SensorPort => (port.via === "simulated" ? { ...port, speed } : port);

/** A real sensor keeps its own time: a hurried clock beside it would only make every reading stale. */
export function cannotHurry(site: SiteConfig, replaying: boolean): string | undefined {
  const real = site.beds.filter(
    (bed, place) => !(replaying && place === 0) && bed.sensors.some(({ port }) => port.via !== "simulated"),
  );
  if (real.length === 0) return undefined;
  return `--speed: ${real.map(({ bed }) => bed).join(", ")} has a sensor that keeps real time`;
}
