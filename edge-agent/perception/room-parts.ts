import { DisplacementCalibrated, RadarCalibrated } from "../contract/calibration.ts";
import type { Placement } from "../contract/config.ts";
import type { FrameKind } from "../contract/frames.ts";
import { DepthRoomSense } from "./depth-sense.ts";
import { displacementModelName } from "./displacement-rate.ts";
import { longRadarSettings, type RadarSettings, usualRadarSettings } from "./radar-settings.ts";
import type { RoomParts } from "./room-perception.ts";

/**
 * What a room perceives with, from its sensors and from what the cards of their models say.
 *
 * @param calibration by the model's name
 * @throws where the card of displacement-rate told no calibration that a depth sensor's wave needs
 */
export function roomPartsOf(
  sensors: readonly { readonly kind: FrameKind; readonly placement: Placement | null }[],
  calibration: Readonly<Record<string, unknown>>,
  firstFrameAtMs = 0,
): RoomParts {
  const placement = sensors.find(({ kind }) => kind === "depth")?.placement ?? null;
  const withIntervals = (settings: RadarSettings): RadarSettings => ({
    ...settings,
    intervalScale: RadarCalibrated.parse(calibration[settings.spec.name]).intervalScale,
  });
  const told = calibration[displacementModelName];
  const hasModule = sensors.some(({ kind }) => kind === "radar-vitals");
  return {
    depth:
      placement === null ? null : new DepthRoomSense(placement, DisplacementCalibrated.parse(told), firstFrameAtMs),
    firstFrameAtMs,
    radar: { long: withIntervals(longRadarSettings), short: withIntervals(usualRadarSettings) },
    // A module without a wave asks no model, so nothing was read of its card.
    waveCalibration: hasModule && told !== undefined ? DisplacementCalibrated.parse(told) : null,
  };
}
