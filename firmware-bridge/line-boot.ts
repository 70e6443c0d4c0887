import { randomBytes } from "node:crypto";
import { elapsedMs, type MonoMs } from "../edge-agent/contract/units.ts";

/*
 * A boot id stands for one stretch of a sensor's time across which may be reckoned. A sensor whose clock jumps now and then
 * begins a new one; one whose clock jumps again and again has no time, and its frames are worth nothing until it has.
 */

const jumpsMax = 3;
const calmMs = 10_000;

export interface LineBoot {
  readonly id: string | null;
  /** Streaming begins. */
  begin(): void;
  end(): void;
  /**
   * Of the frame that just came. `refuse`: there is no time that it could belong to.
   *
   * @param afterGap its clock jumped since the frame before
   */
  place(afterGap: boolean, at: MonoMs): "same" | "new" | "refuse";
  nextSequence(): number;
  /** Jumps within the last 10 s, once they are too many; else 0. */
  jumps(at: MonoMs): number;
}

export function newLineBoot(): LineBoot {
  let boot: { readonly id: string; sequence: number } | undefined;
  let jumped: MonoMs[] = [];
  let refusing = false;
  const begin = (): void => {
    boot = { id: randomBytes(16).toString("hex"), sequence: 0 };
  };
  const forgetOld = (at: MonoMs): void => {
    jumped = jumped.filter((one) => elapsedMs(one, at) < calmMs);
    if (jumped.length > 100) jumped.shift();
  };
  return {
    get id() {
      return boot?.id ?? null;
    },
    begin() {
      refusing = false;
      begin();
    },
    end() {
      boot = undefined;
    },
    place(afterGap, at) {
      if (afterGap || refusing) {
        forgetOld(at);
        if (afterGap) jumped.push(at);
        const tooMany = jumped.length > (refusing ? 0 : jumpsMax);
        if (tooMany) {
          refusing = true;
          return "refuse";
        }
      }
      if (!afterGap && !refusing && boot !== undefined) return "same";
      refusing = false;
      begin();
      return "new";
    },
    nextSequence() {
      if (boot === undefined) throw new Error("a frame outside of any boot");
      boot.sequence += 1;
      return boot.sequence - 1;
    },
    jumps(at) {
      if (!refusing) return 0;
      forgetOld(at);
      return jumped.length;
    },
  };
}
