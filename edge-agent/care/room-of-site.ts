import { type BedConfig, kindOfModel, type SiteConfig } from "../contract/config.ts";
import type { RoomConfig } from "./room.ts";

/** Steps of so much of a second keep any number of rooms apart, whatever the order in which they began. */
const goldenShare = (Math.sqrt(5) - 1) / 2;

/** Of the bed at this place in the site's list. */
export const firstFrameAtMs = (place: number): number => Math.floor(1_000 * ((place * goldenShare) % 1));

/** What the site's configuration says of one bedroom, as its core takes it. */
export const roomOfSite = (
  site: SiteConfig,
  { bed, name, sensors }: BedConfig,
  of: Pick<RoomConfig, "promptSeed" | "calibration">,
): RoomConfig => ({
  bed,
  bedName: name,
  sensorModel: sensors.map(({ model }) => model).join(" + "),
  sensors: sensors.map(({ sensor, model, placement = null }) => ({
    sensor,
    model,
    kind: kindOfModel[model],
    placement,
  })),
  source: sensors[0]?.source ?? null,
  statedOccupancy: sensors.find(({ statedOccupancy }) => statedOccupancy !== null)?.statedOccupancy ?? null,
  limits: site.limits,
  consent: site.consent,
  alarms: site.alarms,
  firstFrameAtMs: firstFrameAtMs(site.beds.findIndex((one) => one.bed === bed)),
  ...of,
});
