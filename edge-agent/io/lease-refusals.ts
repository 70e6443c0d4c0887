import type { BridgeStatus } from "../contract/bridge-status.ts";
import type { AuditIntent } from "../contract/door.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";

/** A bridge that is flooded with old leases must not fill the log: one entry a minute for each bed, with how many. */
const entryEveryMs = 60_000;

type Told = Pick<BridgeStatus, "device" | "bed" | "sensor"> & {
  readonly counts: Pick<BridgeStatus["counts"], "leasesRefused">;
};

interface Count {
  readonly bySensor: Map<string, number>;
  told: number;
  toldAtMs: number;
}

/** What bridges say of leases that they refused (old, forged, late), as entries for the log. */
export class LeaseRefusals {
  private readonly clock: Pick<Clock, "monoMs">;
  private readonly log: Log;
  private readonly write: (entry: AuditIntent) => void;
  private readonly beds = new Map<string, Count>();

  constructor(clock: Pick<Clock, "monoMs">, log: Log, write: (entry: AuditIntent) => void) {
    this.clock = clock;
    this.log = log;
    this.write = write;
  }

  hear(status: Told): void {
    const entry = this.due(status, this.clock.monoMs());
    if (entry === undefined) return;
    this.log.warn({ ...entry.detail }, "a bridge refused leases");
    try {
      this.write(entry);
    } catch (cause) {
      this.log.error({ cause: String(cause) }, "the entry about refused leases cannot be written");
    }
  }

  /** Every sensor of a bed counts the same leases. */
  private due({ device, bed, sensor, counts }: Told, monoMs: number): AuditIntent | undefined {
    const count = this.beds.get(bed) ?? {
      bySensor: new Map<string, number>(),
      // Of before this process it is known already, or nobody can say when it was.
      told: counts.leasesRefused,
      toldAtMs: Number.NEGATIVE_INFINITY,
    };
    this.beds.set(bed, count);
    count.bySensor.set(sensor, counts.leasesRefused);
    const refused = Math.max(...count.bySensor.values());
    // A bridge that began anew counts from nothing.
    if (refused < count.told) count.told = refused;
    if (refused === count.told || monoMs - count.toldAtMs < entryEveryMs) return undefined;
    const detail = { bed, device, refused: refused - count.told };
    count.told = refused;
    count.toldAtMs = monoMs;
    return { action: "lease.refused", actor: { kind: "system", part: "bridge" }, outcome: 4, detail, phi: null };
  }
}
