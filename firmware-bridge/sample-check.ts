import type { Sample, Sensor } from "./sensors/sensor.ts";

/**
 * Whether a driver still reads what its sensor sends: the whole way of real bytes, from the framer to the reading, with a sample of
 * its own. Nothing of it leaves this function.
 */
export const readsItsSamples = (sensor: Pick<Sensor, "samples" | "newTalk">): boolean =>
  sensor.samples.length > 0 && sensor.samples.every((sample) => readsSample(sensor, sample));

function readsSample({ newTalk }: Pick<Sensor, "newTalk">, { wire, link, decodesTo }: Sample): boolean {
  const talk = newTalk();
  talk.start();
  const read: boolean[] = [];
  for (const framed of talk.framer.push(wire, link ?? "data")) {
    if (talk.hear(framed).heard === "measurement") read.push(talk.decode(framed, 0).ok);
    framed.payload.fill(0);
  }
  talk.framer.clear();
  return read.length === decodesTo.length && read.every((ok, index) => ok === decodesTo[index]?.ok);
}
