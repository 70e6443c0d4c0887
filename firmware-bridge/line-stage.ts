import type { MonoMs } from "../edge-agent/contract/units.ts";
import type { SensorState } from "../edge-agent/contract/words.ts";

/** Where a line to a sensor stands with its connection and its conversation. */
export type Stage =
  | { readonly is: "ignored" }
  | { readonly is: "closed" }
  | { readonly is: "opening"; readonly since: MonoMs }
  | { readonly is: "stopping"; readonly since: MonoMs; readonly first: boolean }
  /** It confirmed that it is off, and sent again: it must be silent before it is called off. */
  | { readonly is: "doubted"; readonly heardAt: MonoMs; readonly toldAt: MonoMs; readonly tells: number }
  | { readonly is: "off" }
  | { readonly is: "starting"; readonly since: MonoMs }
  | { readonly is: "on"; readonly lastFrameAt: MonoMs }
  | { readonly is: "ended" };

/** @param trouble something went wrong since it last did what was wished */
export function stateOf(stage: Stage, wanted: boolean, trouble: boolean): SensorState {
  switch (stage.is) {
    case "ignored":
      return "ignored";
    case "closed":
    case "opening":
      return !wanted ? "unknown" : trouble ? "lost" : "starting";
    case "stopping":
      return !stage.first ? "stopping" : !wanted ? "unknown" : trouble ? "lost" : "starting";
    case "doubted":
      return "stopping";
    case "off":
      return "off";
    case "starting":
      return trouble ? "lost" : "starting";
    case "on":
      return trouble ? "lost" : "on";
    case "ended":
      return "recording-ended";
  }
}

/**
 * No whole frame for this long while it should stream: lost. Told well within the 5 s that DESIGN allows, but for a sensor that
 * itself says something less often than once a second.
 */
export const silentMsOf = (frameRateHz: number): number => Math.max(3_000, 3_000 / frameRateHz);
