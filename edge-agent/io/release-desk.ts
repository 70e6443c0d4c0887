import type { ReleaseState } from "../contract/release-state.ts";
import type { Tile } from "../contract/tile.ts";

interface ReleaseDeskOptions {
  readonly release: number | null;
  readonly boot: string;
  readonly beds: readonly string[];
  /** Takes what the update wrote down into the audit log. */
  readonly takeNotes: () => void;
}

/** Tells an update on this machine how the ward is; what the update wrote down for the log is taken into it first. */
export class ReleaseDesk {
  private readonly options: ReleaseDeskOptions;
  private readonly notMonitored = new Map<string, Tile["notMonitored"]>();

  constructor(options: ReleaseDeskOptions) {
    this.options = options;
  }

  follow({ bed, notMonitored }: Pick<Tile, "bed" | "notMonitored">): void {
    this.notMonitored.set(bed, notMonitored);
  }

  /** Throws StoreError. */
  state(): ReleaseState {
    this.options.takeNotes();
    const { release, boot, beds } = this.options;
    const known = (bed: string): Tile["notMonitored"] =>
      this.notMonitored.has(bed) ? (this.notMonitored.get(bed) ?? null) : "sensor-starting";
    return { release, boot, rooms: beds.map((bed) => ({ bed, notMonitored: known(bed) })) };
  }
}
