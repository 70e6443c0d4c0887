import type { SiteConfig } from "../contract/config.ts";
import type { CoreEvent } from "../contract/door.ts";

export type SensorStatus = Omit<Extract<CoreEvent, { kind: "sensor-status" }>, "at" | "utcMs">;

/** What every room of a bedroom unit is told when its bridge has gone without a word. */
export const eventsOfLost = (
  { beds }: SiteConfig,
  device: string | undefined,
): { readonly bed: string; readonly event: SensorStatus }[] =>
  beds
    .filter((place) => place.device === device)
    .flatMap(({ bed, sensors }) =>
      sensors.map(({ sensor }) => ({
        bed,
        event: {
          kind: "sensor-status" as const,
          sensor,
          state: "lost" as const,
          detail: "the bedroom unit's bridge is gone",
          health: "ok" as const,
        },
      })),
    );
