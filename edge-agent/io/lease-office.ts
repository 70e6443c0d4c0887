import type { KeyObject } from "node:crypto";
import type { Effect } from "../contract/door.ts";
import type { Lease, LeaseMessage } from "../contract/lease.ts";
import type { Clock } from "../platform/clock.ts";
import { signCanonical } from "../platform/keys.ts";

interface LeasedBed {
  readonly bed: string;
  readonly device: string;
  readonly sensors: readonly string[];
}

/**
 * Turns the core's wish into signed leases, and keeps what the broker's own check (layer two) asks: may this sensor's
 * frames pass now? Closing the gate here comes before the bridge is told.
 */
export class LeaseOffice {
  private readonly privateKey: KeyObject;
  private readonly clock: Clock;
  private readonly clockSpeed: number;
  private readonly beds: readonly LeasedBed[];
  private readonly openUntilMono = new Map<string, number>();

  constructor(options: { privateKey: KeyObject; clock: Clock; clockSpeed: number; beds: readonly LeasedBed[] }) {
    this.privateKey = options.privateKey;
    this.clock = options.clock;
    this.clockSpeed = options.clockSpeed;
    this.beds = options.beds;
  }

  issue(wanted: Extract<Effect, { kind: "lease" }>): { device: string; message: LeaseMessage } | undefined {
    const place = this.beds.find(({ bed }) => bed === wanted.bed);
    if (place === undefined) return undefined;
    const forMs = wanted.forMs / this.clockSpeed;
    const issuedAt = this.clock.utcMs();
    const lease: Lease = {
      v: 1,
      bed: wanted.bed,
      device: place.device,
      stay: wanted.stay,
      purposes: [...wanted.purposes],
      number: wanted.number,
      issuedAt,
      endsAt: issuedAt + forMs,
    };
    for (const sensor of place.sensors)
      this.openUntilMono.set(`${place.device}/${sensor}`, this.clock.monoMs() + forMs);
    return {
      device: place.device,
      message: { kind: "lease", lease, signature: signCanonical(this.privateKey, lease) },
    };
  }

  stop(bed: string, number: number): { device: string; message: LeaseMessage } | undefined {
    const place = this.beds.find((one) => one.bed === bed);
    if (place === undefined) return undefined;
    for (const sensor of place.sensors) this.openUntilMono.delete(`${place.device}/${sensor}`);
    return { device: place.device, message: { kind: "stop", bed, number } };
  }

  admits(device: string, sensor: string): boolean {
    const until = this.openUntilMono.get(`${device}/${sensor}`);
    return until !== undefined && this.clock.monoMs() < until;
  }
}
