import { z } from "zod";

/** What the card of displacement-rate says of its calibration, as far as perception reads it. */
export const DisplacementCalibrated = z.object({
  intervalScale: z
    .array(z.object({ fromMs: z.number(), halfWidthFromPerMin: z.number(), scale: z.number().positive() }))
    .min(1),
  qualityMin: z.number().min(0).max(1),
  halfWidthPerMinMax: z.number().positive(),
});
export type DisplacementCalibrated = z.infer<typeof DisplacementCalibrated>;
