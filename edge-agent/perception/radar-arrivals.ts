import type { RadarIqFrame } from "../contract/frames.ts";
import type { DeviceUs } from "../contract/units.ts";
import { occupancyUnknown } from "./bed-occupancy.ts";
import { modelRateHz } from "./radar-breathing.ts";
import { gapUs, noteSecond, statedFit } from "./radar-intake.ts";
import { clearRadarPresence, notePresence } from "./radar-presence.ts";
import { putFrame } from "./radar-ring.ts";
import { forgetUs, type RadarPerception, stepUs } from "./radar-room.ts";
import { forgetStamps, noteFrame } from "./stream-checks.ts";

/* Radar frames as they come: to which slot of the ring each belongs, and what its time says of the window. */

/** A day: no gap of a running sensor is that long. */
const absurdUs = 86_400e6;

/** `at`: device time of the frame. Time that runs backwards or a silence begins a new window. */
export function acceptFrame(p: RadarPerception, frame: RadarIqFrame, at: DeviceUs): void {
  acceptTogether([p], frame, at);
}

/** As `acceptFrame`, for perceptions that share what they keep of the frames: what says the same to all of them is worked out once. */
export function acceptTogether(
  all: readonly [RadarPerception, ...RadarPerception[]],
  frame: RadarIqFrame,
  at: DeviceUs,
): void {
  // A time stamp that is no number has no place in any second.
  if (!Number.isFinite(at)) return;
  // Each has had every frame of the others, so all count the same slots.
  const [first] = all;
  let slot = 0;
  for (const p of all) slot = placeFrame(p, frame, at);
  const news = noteFrame(first.checks, frame, slot, at);
  const sinceSec = (at - first.presenceUs) / 1e6;
  const tells = news === "new" && !frame.saturated;
  if (tells) notePresence(first.presence, frame, sinceSec);
  const before = first.fit;
  const fit = statedFit(frame);
  for (const p of all) {
    if (tells) p.presenceUs = at;
    p.fit = fit;
    if (fit === "right" && before !== "right") beginWindow(p, slot);
  }
  // The same samples again are no frame: where they lie, one is missing.
  if (fit === "right" && news === "new") putFrame(first.ring, slot, frame);
}

/** The slot of a frame that has come now; what its time says of the window. */
function placeFrame(p: RadarPerception, frame: RadarIqFrame, at: DeviceUs): number {
  if (p.originUs === null) {
    p.originUs = at - p.firstSlot * stepUs;
    p.stillSinceSlot = p.firstSlot;
    p.streamSinceSlot = p.firstSlot;
  }
  const jump = at - p.lastUs;
  if (p.newestSlot >= 0 && (jump < 0 || jump > gapUs(p.checks, frame))) {
    // Backwards or absurdly far ahead: the sensor's clock began anew; the time since the first frame goes on from here.
    if (jump < 0 || jump > absurdUs) {
      p.originUs = at - (p.newestSlot + 1) * stepUs;
      forgetStamps(p.checks);
      clearRadarPresence(p.presence);
    }
    beginWindow(p, Math.max(p.newestSlot + 1, Math.round((at - p.originUs) / stepUs)));
    if (jump < 0 || jump > forgetUs) p.bed = occupancyUnknown;
  }
  const slot = slotOf(p, p.originUs, at);
  noteFullSeconds(p, slot);
  p.lastUs = at;
  p.newestSlot = Math.max(p.newestSlot, slot);
  return slot;
}

/**
 * Counted on from the slot before, and by the clock only where the two part by most of a slot: with a phase near the
 * middle between slots a little jitter would otherwise put two frames into one and none into the next.
 */
function slotOf(p: RadarPerception, originUs: number, at: number): number {
  const byClock = (at - originUs) / stepUs;
  const counted = p.newestSlot + Math.round((at - p.lastUs) / stepUs);
  return p.newestSlot >= 0 && Math.abs(counted - byClock) <= 0.75 ? counted : Math.max(0, Math.round(byClock));
}

/** The seconds that the frame of `slot` finds full are what they were before it came. */
function noteFullSeconds(p: RadarPerception, slot: number): void {
  const full = Math.floor(slot / modelRateHz);
  for (let second = full; second >= p.nextSecond && !p.notes.has(second); second--) {
    p.notes.set(second, noteSecond(p.checks, p.fit, p.presence, p.lastUs - p.presenceUs));
  }
}

function beginWindow(p: RadarPerception, slot: number): void {
  p.stillSinceSlot = slot;
  p.streamSinceSlot = slot;
  // Seconds that ended within the gap have nothing to tell.
  p.nextSecond = Math.max(p.nextSecond, Math.floor(slot / modelRateHz) + 1);
}
