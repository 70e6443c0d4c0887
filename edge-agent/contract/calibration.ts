import { z } from "zod";

const IntervalScales = z.array(
  z.object({ fromMs: z.number(), halfWidthFromPerMin: z.number(), scale: z.number().positive() }),
);

/** What the card of a radar model says of its calibration, as far as perception reads it; a card without it stretches nothing. */
export const RadarCalibrated = z.object({ intervalScale: IntervalScales.default([]) }).prefault({});

/** What the card of displacement-rate says of its calibration, as far as perception reads it. */
export const DisplacementCalibrated = z.object({
  intervalScale: IntervalScales.min(1),
  qualityMin: z.number().min(0).max(1),
  halfWidthPerMinMax: z.number().positive(),
});
export type DisplacementCalibrated = z.infer<typeof DisplacementCalibrated>;
