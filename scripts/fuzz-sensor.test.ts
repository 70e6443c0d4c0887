import { expect, it } from "vitest";
import { sensors } from "../firmware-bridge/sensors/index.ts";
import type { Framer, Sensor, Talk } from "../firmware-bridge/sensors/sensor.ts";
import { fuzzSensor, sampleStreams } from "./fuzz-sensor.ts";

/** A driver that hears nothing for so many bytes once it has met damage. */
function deafened(sensor: Sensor, deafBytes: number): Sensor {
  return {
    ...sensor,
    newTalk() {
      const talk = sensor.newTalk() as Talk;
      let deaf = 0;
      const harmed = (): number => talk.framer.counts.bytesSkipped + talk.framer.counts.checksumErrors;
      const framer: Framer = {
        push(bytes, link) {
          if (deaf > 0) {
            deaf -= bytes.length;
            return [];
          }
          const before = harmed();
          const frames = talk.framer.push(bytes, link);
          if (harmed() > before) deaf = deafBytes;
          return frames;
        },
        get counts() {
          return talk.framer.counts;
        },
        clear: () => talk.framer.clear(),
      };
      return { ...talk, framer } as ReturnType<Sensor["newTalk"]>;
    },
  } as Sensor;
}

it.each(["seeed-mr60bha2", "seeed-mr24", "hilink-ld2410"] as const)(
  "%s that goes deaf behind damage does not pass the fuzz",
  (name) => {
    const sensor: Sensor = sensors[name] as Sensor;
    expect(fuzzSensor(sensor, sampleStreams(sensor), 300, 7).faults).toEqual([]);
    const deaf = deafened(sensor, 200_000);
    expect(fuzzSensor(deaf, sampleStreams(deaf), 300, 7).faults).toContainEqual(
      expect.stringContaining("no good frame was found"),
    );
  },
);
