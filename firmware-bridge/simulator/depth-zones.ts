import type { Surfaces } from "./depth-surfaces.ts";

/** Zones of a coarse sensor from several rays each: the surface that sends most light back is what the zone sees. */
export interface Zones {
  /** After each new cast: which rays of each zone count, and what is in it. */
  look(surfaces: Surfaces): void;
  /** Rays in, zones out; NaN where a zone has no answer. */
  gather(rayMm: Float64Array, zoneMm: Float64Array): void;
  readonly person: Uint8Array;
  readonly trunk: Uint8Array;
}

/** Rays within this of each other belong to one surface. */
const surfaceMm = 150;

export function newZones(acrossZones: number, downZones: number, raysPerZone: number, crossTalk: number): Zones {
  const count = acrossZones * downZones;
  const perZone = raysPerZone * raysPerZone;
  const rayOf = new Int32Array(count * perZone);
  const weight = new Float64Array(count * perZone);
  const light = new Float64Array(perZone);
  const person = new Uint8Array(count);
  const trunk = new Uint8Array(count);
  const own = new Float64Array(count);
  for (let zone = 0; zone < count; zone++) {
    const top = Math.floor(zone / acrossZones) * raysPerZone;
    const left = (zone % acrossZones) * raysPerZone;
    for (let k = 0; k < perZone; k++) {
      const row = top + Math.floor(k / raysPerZone);
      rayOf[zone * perZone + k] = row * acrossZones * raysPerZone + left + (k % raysPerZone);
    }
  }
  return {
    person,
    trunk,
    look(surfaces) {
      for (let zone = 0; zone < count; zone++) {
        const start = zone * perZone;
        for (let k = 0; k < perZone; k++) {
          const i = rayOf[start + k]!;
          light[k] = (surfaces.albedo[i]! * surfaces.cosine[i]!) / (surfaces.mm[i]! / 1_000) ** 2;
        }
        let best = -1;
        let bestLight = -1;
        for (let k = 0; k < perZone; k++) {
          let sum = 0;
          for (let j = 0; j < perZone; j++) if (near(surfaces, start + k, start + j)) sum += light[j]!;
          if (sum > bestLight) [best, bestLight] = [k, sum];
        }
        const seen = [0, 0, 0];
        let trunkRays = 0;
        let members = 0;
        for (let k = 0; k < perZone; k++) {
          const counts = near(surfaces, start + best, start + k);
          weight[start + k] = counts ? 1 : 0;
          if (!counts) continue;
          const i = rayOf[start + k]!;
          members += 1;
          seen[surfaces.person[i]!]! += 1;
          trunkRays += surfaces.trunk[i]!;
        }
        person[zone] = 2 * seen[1]! >= members ? 1 : 2 * seen[2]! >= members ? 2 : 0;
        trunk[zone] = 2 * trunkRays >= members ? 1 : 0;
      }
    },
    gather(rayMm, zoneMm) {
      for (let zone = 0; zone < count; zone++) {
        let [sum, members, answers] = [0, 0, 0];
        for (let k = zone * perZone; k < (zone + 1) * perZone; k++) {
          if (weight[k] === 0) continue;
          members += 1;
          const mm = rayMm[rayOf[k]!]!;
          if (Number.isNaN(mm)) continue;
          sum += mm;
          answers += 1;
        }
        own[zone] = 2 * answers > members ? sum / answers : Number.NaN;
      }
      for (let zone = 0; zone < count; zone++) {
        const column = zone % acrossZones;
        let [sum, neighbours] = [0, 0];
        const take = (other: number): void => {
          if (Number.isNaN(own[other]!)) return;
          sum += own[other]!;
          neighbours += 1;
        };
        if (crossTalk > 0) {
          if (column > 0) take(zone - 1);
          if (column + 1 < acrossZones) take(zone + 1);
          if (zone >= acrossZones) take(zone - acrossZones);
          if (zone + acrossZones < count) take(zone + acrossZones);
        }
        zoneMm[zone] = neighbours === 0 ? own[zone]! : own[zone]! + crossTalk * (sum / neighbours - own[zone]!);
      }
    },
  };

  function near(surfaces: Surfaces, a: number, b: number): boolean {
    return Math.abs(surfaces.mm[rayOf[a]!]! - surfaces.mm[rayOf[b]!]!) < surfaceMm;
  }
}
