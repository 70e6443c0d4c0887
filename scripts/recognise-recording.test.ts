import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sensors } from "../firmware-bridge/sensors/index.ts";
import { haveRecordings, recordingsPath } from "../tests/shared-material.ts";
import { moduleEnvelopes, moduleModels } from "./module-envelopes.ts";
import { recogniseRecording } from "./recognise-recording.ts";

const manyTimes = (wire: Uint8Array, times: number): Uint8Array =>
  Buffer.concat(Array.from({ length: times }, () => wire));

describe("bytes of a module", () => {
  it.each(moduleModels.filter((model) => model !== "hilink-ld6002"))("%s is told by its own driver", (model) => {
    const main = sensors[model].samples.find(({ link, heard }) => link === undefined && heard.includes("measurement"));
    expect(recogniseRecording(manyTimes(main!.wire, 10))?.model).toBe(model);
  });

  it("noise and the bytes of others are none's", () => {
    expect(recogniseRecording(Uint8Array.from({ length: 5_000 }, (_, i) => (i * 73) % 256))).toBeUndefined();
    expect(recogniseRecording(manyTimes(sensors["acconeer-a121"].samples[0]!.wire, 3))).toBeUndefined();
    expect(recogniseRecording(new Uint8Array())).toBeUndefined();
  });

  it.skipIf(!haveRecordings)("the capture of an IWR6843 is its older demo's and lasts 100 s", () => {
    const wire = new Uint8Array(readFileSync(`${recordingsPath}/ti-iwr6843/vital-signs-uart.wire.bin`));
    const found = recogniseRecording(wire);
    expect(found?.model).toBe("ti-vital-signs");
    expect(found?.lastsSec).toBeCloseTo(100.05, 0);
    expect(moduleEnvelopes("ti-vital-signs", wire)).toMatchObject({ malformed: 0, counts: { resyncs: 2 } });
  });
});
