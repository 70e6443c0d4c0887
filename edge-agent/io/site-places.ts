import type { SiteConfig } from "../contract/config.ts";
import { kindOfModel } from "../contract/config.ts";
import type { FrameKind } from "../contract/frames.ts";

export interface SitePlaces {
  /** Of `<device>/<sensor>`: the bed that it looks at, and what it may send. */
  readonly placeOf: ReadonlyMap<string, { readonly bed: string; readonly kind: FrameKind }>;
  readonly devices: readonly { readonly device: string; readonly sensors: readonly string[] }[];
}

/** Which bed each sensor belongs to, and which sensors each bedroom unit has. */
export function placesOf({ beds }: SiteConfig): SitePlaces {
  const names = [...new Set(beds.map(({ device }) => device))];
  return {
    placeOf: new Map(
      beds.flatMap(({ bed, device, sensors }) =>
        sensors.map(({ sensor, model }) => [`${device}/${sensor}`, { bed, kind: kindOfModel[model] }]),
      ),
    ),
    devices: names.map((device) => ({
      device,
      sensors: beds
        .filter((bed) => bed.device === device)
        .flatMap(({ sensors }) => sensors.map(({ sensor }) => sensor)),
    })),
  };
}
