import { type ConsentState, type Purpose, purposes, type RefusalReason } from "../contract/words.ts";

/**
 * Consent of one stay, purpose by purpose.
 *
 * | from          | offer   | turn-on      | turn-off  | end of stay |
 * |---------------|---------|--------------|-----------|-------------|
 * | never-offered | offered | not-offered  | (as it is)| ended       |
 * | offered       | offered | granted      | withdrawn | ended       |
 * | granted       | granted | granted      | withdrawn | ended       |
 * | withdrawn     | offered | granted      | withdrawn | ended       |
 * | ended         | nothing more happens to an ended stay               |
 *
 * A withdrawn purpose was offered in this stay before, so the person may turn it on again with one touch.
 */
export type ConsentAct = "offer" | "turn-on" | "turn-off" | "end";

export interface Consent {
  readonly state: ConsentState;
  readonly sinceUtcMs: number | null;
}
export type Consents = Readonly<Record<Purpose, Consent>>;

export const noConsents: Consents = {
  "movement-alerts": { state: "never-offered", sinceUtcMs: null },
  "breathing-rate": { state: "never-offered", sinceUtcMs: null },
};

export type ConsentStep =
  | { readonly ok: true; readonly to: ConsentState; readonly changed: boolean }
  | { readonly ok: false; readonly why: RefusalReason };

export function stepConsent(from: ConsentState, act: ConsentAct): ConsentStep {
  switch (from) {
    case "ended":
      return { ok: false, why: "not-found" };
    case "never-offered":
      switch (act) {
        case "offer":
          return move(from, "offered");
        case "turn-on":
          return { ok: false, why: "not-offered" };
        case "turn-off":
          return move(from, "never-offered");
        case "end":
          return move(from, "ended");
      }
      break;
    case "offered":
    case "granted":
    case "withdrawn":
      switch (act) {
        case "offer":
          return move(from, from === "granted" ? "granted" : "offered");
        case "turn-on":
          return move(from, "granted");
        case "turn-off":
          return move(from, "withdrawn");
        case "end":
          return move(from, "ended");
      }
  }
}

/** The purposes that a sensor may serve now, in the order of the list. */
export const grantedPurposes = (consents: Consents): Purpose[] =>
  purposes.filter((purpose) => consents[purpose].state === "granted");

function move(from: ConsentState, to: ConsentState): ConsentStep {
  return { ok: true, to, changed: from !== to };
}
