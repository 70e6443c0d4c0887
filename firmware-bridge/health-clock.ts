import type { SensorHealth } from "../edge-agent/contract/words.ts";

/** The sensor's clock beside the bridge's, over spans this long. */
const spanMs = 10_000;
/** A crystal is off by 0.01 %; a host under load delivers late by a second. */
const slowest = 0.5;
const fastest = 2;

/** Whether device time goes on as time does. A sensor without a clock of its own has the bridge's, and is always right. */
export function newClockWatch() {
  let from: { readonly us: number; readonly atMs: number } | undefined;
  let word: readonly [SensorHealth, string] = ["ok", ""];
  let newestUs = 0;
  return {
    note(deviceUs: number, atMs: number): void {
      newestUs = deviceUs;
      if (from === undefined || deviceUs < from.us) from = { us: deviceUs, atMs };
      const elapsedMs = atMs - from.atMs;
      if (elapsedMs < spanMs) return;
      const ratio = (deviceUs - from.us) / 1_000 / elapsedMs;
      word =
        ratio < slowest || ratio > fastest
          ? ["clock-stuck", `its clock went on by ${Math.round((deviceUs - from.us) / 1_000)} ms in ${elapsedMs} ms`]
          : ["ok", ""];
      from = { us: newestUs, atMs };
    },
    told: (_atMs: number): readonly [SensorHealth, string] => word,
    forget(): void {
      from = undefined;
      word = ["ok", ""];
      newestUs = 0;
    },
  };
}
