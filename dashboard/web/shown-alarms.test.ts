import { beforeEach, describe, expect, test } from "vitest";
import type { AlarmShown, LiveSaid } from "../../edge-agent/contract/alarm-shown.ts";
import { ShownAlarms } from "./shown-alarms.ts";

let nowMs: number;
let connected: boolean;
let frames: (() => void)[];
let said: LiveSaid[];
let shown: ShownAlarms;
beforeEach(() => {
  [nowMs, connected, frames, said] = [0, true, [], []];
  shown = new ShownAlarms({
    say: (words) => connected && said.push(words) > 0,
    onFrame: (frame) => void frames.push(frame),
    now: () => nowMs,
  });
});
const paint = (): void => {
  for (const frame of frames.splice(0)) frame();
};
const alarm = (id: string, change: Partial<AlarmShown> = {}): AlarmShown => ({
  bed: "room-1",
  id,
  presence: "on",
  raisedAt: 5,
  ...change,
});
const idsSaid = () => said.map(({ alarms }) => alarms.map(({ id }) => id));

describe("an alarm that stands on the screen", () => {
  test("is said with the first frame after it was drawn, once, and not while no frame is painted", () => {
    shown.drawn([alarm("a")]);
    shown.drawn([alarm("a"), alarm("b")]);
    expect(said).toEqual([]);
    paint();
    expect(idsSaid()).toEqual([["a", "b"]]);
    shown.taken([alarm("a"), alarm("b")]);
    shown.drawn([alarm("a"), alarm("b")]);
    paint();
    expect(said.length).toBe(1);
  });

  test("is said again until it is taken, when it changes, and now and then while it stands", () => {
    shown.drawn([alarm("a")]);
    paint();
    nowMs = 1_900;
    shown.drawn([alarm("a")]);
    expect(frames).toEqual([]);
    nowMs = 2_000;
    shown.drawn([alarm("a")]);
    paint();
    expect(said.length).toBe(2);
    shown.taken([alarm("a")]);
    nowMs = 20_000;
    shown.drawn([alarm("a")]);
    expect(frames).toEqual([]);
    shown.drawn([alarm("a", { presence: "ack" })]);
    paint();
    expect(said.at(-1)?.alarms[0]?.presence).toBe("ack");
    shown.taken([alarm("a", { presence: "ack" })]);
    nowMs = 50_000;
    shown.drawn([alarm("a", { presence: "ack" })]);
    paint();
    expect(said.length).toBe(4);
  });

  test("that went before the frame is not said, and what could not be said is said later", () => {
    shown.drawn([alarm("a")]);
    shown.drawn([]);
    paint();
    expect(said).toEqual([]);
    connected = false;
    shown.drawn([alarm("b")]);
    paint();
    connected = true;
    shown.drawn([alarm("b")]);
    paint();
    expect(idsSaid()).toEqual([["b"]]);
    shown.restart();
    shown.drawn([alarm("b")]);
    paint();
    expect(idsSaid()).toEqual([["b"], ["b"]]);
  });
});
