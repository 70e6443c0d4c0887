import type { Scene } from "../../edge-agent/contract/scene.ts";
import { jointAt, type Seen, underBlanket } from "./depth-people.ts";
import { bodyParts } from "./depth-skeleton.ts";
import type { Random } from "./random.ts";

/** Mattress, pillow and blanket as heights above the floor on a grid over the bed, and what lies underneath. */
export interface Bedding {
  readonly columns: number;
  readonly rows: number;
  /** mm, with breathing at rest. */
  readonly height: Float64Array;
  /** How far the top of the bedding rises for 1 mm of chest and of belly underneath. */
  readonly chest: Float64Array;
  readonly belly: Float64Array;
  readonly wrinkle: Float64Array;
  /** 1 + index of the person underneath, 0: nobody. */
  readonly owner: Uint8Array;
  /** The blanket ends here towards the head. */
  coverEndsYMm: number;
  /** How far the blanket follows a body, and how late. */
  readonly gain: number;
  readonly lagSec: number;
  readonly creepMm: number;
  readonly creepTauSec: number;
  /** Takes the bodies under it; @returns whether it is another shape than before. */
  drape(people: readonly Seen[]): boolean;
}

/** Width of a cell of the grid. */
export const cellMm = 25;
const waveCount = 6;
/** Of the way to its new shape, per frame of 0.1 s. */
const wayPerFrame = 0.35;

export function newBedding(scene: Scene, random: Random): Bedding {
  const { widthMm, lengthMm, topMm } = scene.bed;
  const columns = Math.ceil(widthMm / cellMm) + 1;
  const rows = Math.ceil(lengthMm / cellMm) + 1;
  const count = columns * rows;
  const grid = (): Float64Array => new Float64Array(count);
  const duvet = scene.blanket === "duvet";
  const covered = scene.blanket !== "none";
  const thickMm = !covered ? 0 : duvet ? random.between(20, 45) : random.between(3, 7);
  // Peak to peak 5-20 mm: about three standard deviations of a sum of waves.
  const wrinkleSdMm = (covered ? random.between(5, 20) : 3) / 3;
  const blurCells = duvet ? 2 : 1;
  const thrownBackMm = random.between(-lengthMm / 2 + 150, 100);
  const coverSpanMm = random.between(100, 230);
  const waves = Array.from({ length: waveCount }, () => {
    const around = 2 * Math.PI * random.uniform();
    const k = (2 * Math.PI) / random.logBetween(90, 420);
    const phase = 2 * Math.PI * random.uniform();
    const sine = grid();
    const cosine = grid();
    for (let i = 0; i < count; i++) {
      const way = k * cellMm * ((i % columns) * Math.cos(around) + Math.floor(i / columns) * Math.sin(around));
      sine[i] = Math.sin(way);
      cosine[i] = Math.cos(way);
    }
    return { phase, sine, cosine };
  });
  const base = grid().fill(topMm);
  addPillow(base, columns, scene, random);
  const made = { height: Float64Array.from(base), chest: grid(), belly: grid() };
  const wrinkle = grid();
  const owner = new Uint8Array(count);
  const wanted = { height: grid(), chest: grid(), belly: grid() };
  const spare = grid();
  let first = true;
  let settled = false;
  let before = -1;

  const bedding: Bedding = {
    columns,
    rows,
    ...made,
    wrinkle,
    owner,
    coverEndsYMm: Number.NEGATIVE_INFINITY,
    gain: !covered ? 0 : duvet ? random.between(0.3, 0.6) : random.between(0.5, 0.8),
    lagSec: random.between(0.1, 0.4),
    creepMm: covered ? random.between(0, 2) : 0,
    creepTauSec: random.between(60, 400),
    drape(people) {
      const under = people.filter(({ place }) => place === "bed");
      // A person who is under the blanket, and each change of how they lie, adds to the sum.
      const now = under.reduce((sum, { changes }) => sum + changes + 1, 0);
      if (now === before && settled) return false;
      if (now !== before || first) want(under, people);
      before = now;
      let left = 0;
      for (const name of ["height", "chest", "belly"] as const) {
        const to = wanted[name];
        const at = made[name];
        for (let i = 0; i < count; i++) {
          const way = to[i]! - at[i]!;
          if (name === "height") left = Math.max(left, Math.abs(way));
          at[i] = first ? to[i]! : at[i]! + wayPerFrame * way;
        }
      }
      settled = first || left < 0.5;
      if (settled) for (const name of ["height", "chest", "belly"] as const) made[name].set(wanted[name]);
      first = false;
      return true;
    },
  };

  function want(under: readonly Seen[], people: readonly Seen[]): void {
    wanted.height.set(base);
    wanted.chest.fill(0);
    wanted.belly.fill(0);
    owner.fill(0);
    if (!covered) return;
    const lying = under.some(({ posture }) => posture !== "sitting");
    const headwards = under[0] === undefined ? thrownBackMm : lying ? 350 + coverSpanMm : 0;
    bedding.coverEndsYMm = headwards;
    for (const [index, seen] of people.entries()) if (under.includes(seen)) layBody(seen, index + 1, headwards);
    const draped = spare;
    draped.set(wanted.height);
    for (const field of [wanted.height, wanted.chest, wanted.belly]) {
      for (let pass = 0; pass < 2; pass++) blur(field, columns, rows, blurCells);
    }
    const limbs = under[0]?.limbs ?? [];
    // A blanket thrown back lies in a heap.
    const heap = under.length === 0 && headwards < 0 ? 2 : 1;
    wrinkle.fill(0);
    for (const [w, { phase, sine, cosine }] of waves.entries()) {
      const turned = phase + 4 * (limbs[w] ?? 0);
      const s = Math.cos(turned) * Math.sqrt(2 / waveCount);
      const c = Math.sin(turned) * Math.sqrt(2 / waveCount);
      for (let i = 0; i < count; i++) wrinkle[i] = wrinkle[i]! + s * sine[i]! + c * cosine[i]!;
    }
    const lastRow = Math.min(rows - 1, Math.floor((headwards + lengthMm / 2) / cellMm));
    for (let i = 0; i < count; i++) {
      if (Math.floor(i / columns) > lastRow) {
        wanted.height[i] = base[i]!;
        wanted.chest[i] = 0;
        wanted.belly[i] = 0;
        wrinkle[i] = 0;
        continue;
      }
      const folds = Math.max(-thickMm, heap * wrinkleSdMm * wrinkle[i]!);
      wanted.height[i] = Math.max(wanted.height[i]!, draped[i]! + 2) + heap * thickMm + folds;
      wanted.chest[i] = bedding.gain * wanted.chest[i]!;
      wanted.belly[i] = bedding.gain * wanted.belly[i]!;
    }
  }

  /** Height of the body above each cell, and how far chest and belly lift that height. */
  function layBody(seen: Seen, mark: number, headwardsMm: number): void {
    for (const part of bodyParts) {
      if (!underBlanket(seen, part)) continue;
      const from = jointAt(seen, part.from);
      const to = jointAt(seen, part.to);
      const radius = part.radiusMm * seen.build.wide;
      const [ax, ay, az] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
      const aa = ax * ax + ay * ay;
      const column = (x: number): number => (x + widthMm / 2) / cellMm;
      const row = (y: number): number => (y + lengthMm / 2) / cellMm;
      const last = Math.min(columns - 1, Math.floor(column(Math.max(from[0], to[0]) + radius)));
      const end = Math.min(rows - 1, Math.floor(row(Math.min(headwardsMm, Math.max(from[1], to[1]) + radius))));
      for (let r = Math.max(0, Math.ceil(row(Math.min(from[1], to[1]) - radius))); r <= end; r++) {
        const y = r * cellMm - lengthMm / 2 - from[1];
        for (let c = Math.max(0, Math.ceil(column(Math.min(from[0], to[0]) - radius))); c <= last; c++) {
          const x = c * cellMm - widthMm / 2 - from[0];
          const s = aa < 1 ? 0.5 : Math.min(1, Math.max(0, (ax * x + ay * y) / aa));
          const away = (x - s * ax) ** 2 + (y - s * ay) ** 2;
          if (away >= radius * radius) continue;
          const rise = Math.sqrt(radius * radius - away);
          const zMm = from[2] + s * az + rise;
          const i = r * columns + c;
          if (zMm <= wanted.height[i]!) continue;
          wanted.height[i] = zMm;
          owner[i] = mark;
          const swell = Math.min(1.5, radius / rise);
          wanted.chest[i] = part.chestGain * swell;
          wanted.belly[i] = part.bellyGain * swell;
        }
      }
    }
  }
  return bedding;
}

function addPillow(base: Float64Array, columns: number, scene: Scene, random: Random): void {
  const { widthMm, lengthMm } = scene.bed;
  const middleMm = lengthMm / 2 - random.between(230, 290);
  const [halfX, halfY, thickMm] = [random.between(280, 340), random.between(190, 230), random.between(50, 100)];
  for (let i = 0; i < base.length; i++) {
    const x = ((i % columns) * cellMm - widthMm / 2) / halfX;
    const y = (Math.floor(i / columns) * cellMm - lengthMm / 2 - middleMm) / halfY;
    base[i] = base[i]! + thickMm * Math.max(0, 1 - x ** 4 - y ** 4);
  }
}

let line = new Float64Array(128);
function blur(field: Float64Array, columns: number, rows: number, reach: number): void {
  if (line.length < Math.max(columns, rows)) line = new Float64Array(Math.max(columns, rows));
  const along = (start: number, step: number, length: number): void => {
    let sum = 0;
    for (let i = -reach; i <= reach; i++) sum += field[start + step * Math.min(length - 1, Math.max(0, i))]!;
    for (let i = 0; i < length; i++) {
      line[i] = sum / (2 * reach + 1);
      const enters = Math.min(length - 1, i + reach + 1);
      const leaves = Math.max(0, i - reach);
      sum += field[start + step * enters]! - field[start + step * leaves]!;
    }
    for (let i = 0; i < length; i++) field[start + step * i] = line[i]!;
  };
  for (let r = 0; r < rows; r++) along(r * columns, 1, columns);
  for (let c = 0; c < columns; c++) along(c, columns, rows);
}
