import type { Looker } from "../../edge-agent/contract/who-looked.ts";
import type { StaffRole } from "../../edge-agent/contract/words.ts";

/** The ward board shows patients' data: for those who care for them. */
export function isClinical(role: StaffRole): boolean {
  switch (role) {
    case "nurse":
    case "nurse-in-charge":
      return true;
    case "governance-lead":
    case "engineer":
      return false;
  }
}

/** Of whoever looked. */
export const lookerWords = (role: Looker): string => (role === "advocate" ? "advocate" : roleWords[role]);

export const roleWords: Readonly<Record<StaffRole, string>> = {
  nurse: "nurse",
  "nurse-in-charge": "nurse in charge",
  "governance-lead": "governance lead",
  engineer: "engineer",
};
