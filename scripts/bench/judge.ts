import type { Measured } from "./measure-ward.ts";
import type { RoomKind } from "./rooms.ts";

export const targets = {
  workPercentRadar: 0.5,
  workPercentWithDepth: 1,
  /** p99, from the frame that completes a window to the message with its result, by rooms of the ward. */
  resultMs: [
    { roomsMax: 20, p99: 50 },
    { roomsMax: 60, p99: 100 },
  ],
  alarmMsP99: 250,
  coldStartMs: 5_000,
  gcMsP999: 50,
} as const;

/** With so many rooms and less nothing may be lost; more than a ward has is only told. */
const roomsJudgedMax = 60;

export interface WardResult extends Measured {
  readonly name: string;
  /** Every room of this kind. Null: the mix. */
  readonly only: RoomKind | null;
}

/** What was asked for and is not so, one line each. What is not known has missed as well. `counts`: for a machine that is
 * busy: no times, and what was dropped for want of time is counted but allowed. */
export function judge(result: WardResult, what: "everything" | "counts"): readonly string[] {
  const missed: string[] = [];
  const ask = (name: string, value: number | null, atMost: number, unit: string): void => {
    if (value === null || !(value <= atMost))
      missed.push(`${result.name}, ${name}: ${value} ${unit}, at most ${atMost}`);
  };
  if (!(result.resultMs.n > 0)) missed.push(`${result.name}: no result was heard`);
  if (result.rooms <= roomsJudgedMax) {
    ask("frames lost", Math.abs(result.framesLost), 0, "frames");
  }
  if (result.alarmMs !== null && !(result.alarmMs.n > 0)) missed.push(`${result.name}: no alarm was heard`);
  if (what === "counts") return missed;
  if (result.rooms <= roomsJudgedMax) {
    ask(`frames dropped ${JSON.stringify(result.droppedWhy)}`, result.framesDropped, 0, "frames");
    ask("results that never came", result.resultsMissing, 0, "results");
  }
  if (result.only === null) {
    const limit = targets.resultMs.find(({ roomsMax }) => result.rooms <= roomsMax);
    if (limit !== undefined) ask("frame to message, p99", result.resultMs.p99, limit.p99, "ms");
  } else {
    const most = result.only === "radar" ? targets.workPercentRadar : targets.workPercentWithDepth;
    ask("parsing, signal and inference", result.workPercentPerRoom, most, "% of a core per room");
  }
  if (result.rooms > roomsJudgedMax) return missed;
  if (result.alarmMs !== null) ask("frame to alarm, p99", result.alarmMs.p99, targets.alarmMsP99, "ms");
  if (result.coldStartMs !== null) ask("cold start to a frame", result.coldStartMs, targets.coldStartMs, "ms");
  if (result.agentGcMsP999AtMost !== null)
    ask("agent's pauses, p99.9", result.agentGcMsP999AtMost, targets.gcMsP999, "ms");
  if (result.dashboardGcMsP999AtMost !== null)
    ask("dashboard's pauses, p99.9", result.dashboardGcMsP999AtMost, targets.gcMsP999, "ms");
  return missed;
}
