import { readFileSync } from "node:fs";
import type { Estimate } from "../../edge-agent/contract/door.ts";
import { replay } from "../../edge-agent/replay.ts";
import { tlvHeaderBytes } from "../../firmware-bridge/sensors/ti-packets.ts";
import {
  newTiVitalSignsTalk,
  readVitalSigns,
  tiVitalSignsFrameRateHz,
} from "../../firmware-bridge/sensors/ti-vital-signs.ts";
import { haveRecordings, recordingsPath } from "../../tests/shared-material.ts";
import { moduleEnvelopes } from "../module-envelopes.ts";
import { openRoomModels } from "../room-models.ts";
import { row, type Section } from "./section.ts";

interface Own {
  readonly atSec: number;
  readonly fftPerMin: number;
  readonly xcorrPerMin: number;
  readonly moving: boolean;
}

/** What the module's own firmware said, packet by packet. */
function ownOf(wire: Uint8Array): readonly Own[] {
  const talk = newTiVitalSignsTalk();
  let first: number | undefined;
  return talk.framer.push(wire).flatMap(({ head, payload }) => {
    const told = readVitalSigns(payload.subarray(tlvHeaderBytes));
    first ??= Number(head.frameNumber);
    const atSec = (Number(head.frameNumber) - first) / tiVitalSignsFrameRateHz;
    const { breathingFftPerMin, breathingXcorrPerMin, motionDetected } = told;
    return [{ atSec, fftPerMin: breathingFftPerMin, xcorrPerMin: breathingXcorrPerMin, moving: motionDetected !== 0 }];
  });
}

async function estimatesOf(wire: Uint8Array): Promise<readonly Estimate[]> {
  const { thread, modelSha256, calibration } = openRoomModels(["ti-vital-signs"]);
  await thread.start();
  const header = {
    v: 1,
    is: "quietround-session",
    subject: "staged",
    bed: "recorded",
    sensorModel: "ti-vital-signs",
    sensors: [{ sensor: "sensor", model: "ti-vital-signs" }],
    granted: ["movement-alerts", "breathing-rate"],
    statedOccupancy: "in-bed",
    modelSha256,
    calibration,
  } as const;
  const estimates: Estimate[] = [];
  const { frames } = moduleEnvelopes("ti-vital-signs", wire);
  for await (const one of replay(
    { ...header, granted: [...header.granted], sensors: [...header.sensors] },
    frames,
    thread,
  ))
    estimates.push(one);
  await thread.stop();
  return estimates;
}

export const realTi: Section = {
  name: "real-ti",
  title: "A real IWR6843 and its own two estimates",
  seconds: { quick: 5, full: 5 },
  async run() {
    const path = `${recordingsPath}/ti-iwr6843/vital-signs-uart.wire.bin`;
    const wire = haveRecordings ? new Uint8Array(readFileSync(path)) : new Uint8Array();
    const own = ownOf(wire);
    const estimates = haveRecordings ? await estimatesOf(wire) : [];
    const shown = estimates.flatMap(({ atMs, breathingPerMin }) =>
      breathingPerMin === null ? [] : [{ atSec: atMs / 1_000, perMin: breathingPerMin }],
    );
    const flagged = shown.filter(({ atSec }) =>
      own.some((one) => one.moving && one.atSec > atSec - 1 && one.atSec <= atSec),
    );
    const apart = shown.map(({ atSec, perMin }) => {
      const last = own.findLast((one) => one.atSec <= atSec);
      return last === undefined
        ? Number.NaN
        : Math.min(Math.abs(perMin - last.fftPerMin), Math.abs(perMin - last.xcorrPerMin));
    });
    const condition = "vital-signs demo, one person, much movement";
    const n = estimates.length;
    return {
      rows: [
        row({
          condition,
          figure: "rates shown within a second of its motion flag",
          value: n === 0 ? null : flagged.length,
          unit: "",
          n,
          target: { atMost: 0 },
        }),
        row({ condition, figure: "seconds with a rate shown", value: n === 0 ? null : shown.length, unit: "", n }),
        row({
          condition,
          figure: "largest distance from the nearer of its own two rates",
          value: apart.length === 0 ? null : Math.max(...apart),
          unit: "/min",
          n: shown.length,
        }),
      ],
      figures: [
        {
          kind: "line",
          title: "Breathing of the IWR6843 capture",
          x: "s",
          y: "/min",
          series: [
            { name: "ours, shown", points: shown.map(({ atSec, perMin }) => [atSec, perMin] as const) },
            { name: "its FFT", points: own.map(({ atSec, fftPerMin }) => [atSec, fftPerMin] as const) },
            { name: "its autocorrelation", points: own.map(({ atSec, xcorrPerMin }) => [atSec, xcorrPerMin] as const) },
          ],
        },
      ],
      notes: [
        "No independent reference exists, and the three agree on no more than that somebody breathes fast: a rate of ours is shown in few seconds, and never beside its motion flag.",
        ...(haveRecordings ? [] : ["The recordings are not beside the project, so nothing was measured."]),
      ],
    };
  },
};
