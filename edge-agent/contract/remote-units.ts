import type { z } from "zod";

/*
 * DESIGN 1.3: depth frames never leave the machine that has the sensor; a bridge on a machine without an agent may carry radar over
 * TLS. A module that estimates by itself tells numbers, as a radar does.
 */

interface Beds {
  readonly beds: readonly {
    readonly device: string;
    readonly sensors: readonly { readonly sensor: string; readonly model: string }[];
  }[];
  readonly brokers: { readonly remoteUnits: readonly string[] };
}

/** Names of the sensors of a unit that may not be on a machine of its own. */
export const depthOf = (
  { beds }: Pick<Beds, "beds">,
  unit: string,
  isDepth: (model: string) => boolean,
): readonly string[] =>
  beds
    .filter(({ device }) => device === unit)
    .flatMap(({ sensors }) => sensors.filter(({ model }) => isDepth(model)).map(({ sensor }) => sensor));

export const depthStays = (unit: string, sensors: readonly string[]): string =>
  `${unit} is on another machine than the brokers, and ${sensors.join(", ")} is a depth sensor: depth frames never leave the machine that has the sensor. Use a radar there, or connect the depth sensor to the station`;

export const remoteUnitsRefused =
  (isDepth: (model: string) => boolean) =>
  (site: Beds, context: z.core.$RefinementCtx): void => {
    for (const [index, unit] of site.brokers.remoteUnits.entries()) {
      const path = ["brokers", "remoteUnits", index];
      const refuse = (message: string) => context.addIssue({ code: "custom", path, message });
      if (!site.beds.some(({ device }) => device === unit)) refuse(`no bed has the device "${unit}"`);
      const depth = depthOf(site, unit, isDepth);
      if (depth.length > 0) refuse(depthStays(unit, depth));
    }
  };
