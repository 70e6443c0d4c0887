import type { RadarVitalsFrame } from "../../edge-agent/contract/module-frames.ts";
import { mr60bha2FrameRateHz, mr60bha2Samples, newMr60bha2Talk } from "./seeed-mr60bha2.ts";
import type { Sensor } from "./sensor.ts";

/**
 * Hi-Link LD6002, 60 GHz: the same frames and types as Seeed's MR60BHA2, on a UART of 1,382,400 baud (copies of Hi-Link's
 * data sheet V1.1; not confirmed on a device), which not every USB adapter reaches; the configuration may say another rate.
 * It has no command to stop it either.
 */
export const hilinkLd6002: Sensor<RadarVitalsFrame> = {
  name: "hilink-ld6002",
  dataSheet: "https://www.hlktech.net/index.php?id=1180",
  kind: "radar-vitals",
  off: "ignored",
  baudRate: { data: 1_382_400 },
  checksum: true,
  frameRateHz: mr60bha2FrameRateHz,
  rangeMm: { from: 400, to: 1_500 },
  newTalk: newMr60bha2Talk,
  samples: mr60bha2Samples,
};
