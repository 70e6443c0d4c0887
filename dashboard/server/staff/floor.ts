import type { SiteConfig } from "../../../edge-agent/contract/config.ts";
import type { WardReports } from "../ward-reports.ts";

/** The board does not wait longer for its order. */
const waitMs = 1_000;

/** The beds as one walks along the ward: as it was set on the page, else as the configuration names them. */
export async function bedsInFloorOrder(site: SiteConfig, reports: WardReports): Promise<SiteConfig["beds"]> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, waitMs, null).unref());
  return inOrder(site.beds, await Promise.race([reports.floorOrder(), late]));
}

/** A bed that is new since then comes last, and one that is gone is left out. */
export function inOrder<Bed extends { readonly bed: string }>(
  beds: readonly Bed[],
  order: readonly string[] | null,
): Bed[] {
  const placeOf = (bed: string): number => {
    const place = order?.indexOf(bed) ?? -1;
    return place < 0 ? Number.MAX_SAFE_INTEGER : place;
  };
  return [...beds].sort((one, other) => placeOf(one.bed) - placeOf(other.bed));
}
