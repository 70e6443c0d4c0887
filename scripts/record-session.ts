import "../edge-agent/platform/node-version.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RoomAsk } from "../edge-agent/contract/asks.ts";
import { type Activation, commonNeeds } from "../edge-agent/contract/consent.ts";
import type { CoreEvent } from "../edge-agent/contract/door.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import { type SessionHeader, writeEffect, writeSessionEvent } from "../edge-agent/contract/session.ts";
import { monoMs } from "../edge-agent/contract/units.ts";
import { sensingPurposes } from "../edge-agent/contract/words.ts";
import { step } from "../edge-agent/core.ts";
import { coreOf, restoreOf } from "../edge-agent/replay.ts";
import { rogueFrames } from "../tests/rogue-frames.ts";
import { readArguments } from "./read-arguments.ts";
import { openRoomModels } from "./room-models.ts";

const usage = `npm run session:record [-- --out FOLDER]

Writes the recorded sessions and the effects expected of them anew, from the simulated bedroom and the model as it is now.
An explicit act: look at the difference of the expectations before you commit it.`;
const values = readArguments(usage, { out: { type: "string" }, help: { type: "boolean", default: false } });
if (values.help) {
  process.stderr.write(`${usage}\n`);
  process.exit(0);
}
const folder = values.out ?? fileURLToPath(new URL("../tests/sessions", import.meta.url));
mkdirSync(folder, { recursive: true });

const { thread, modelSha256, calibration } = openRoomModels(["acconeer-a121"]);
await thread.start();

const header: SessionHeader = {
  v: 1,
  is: "quietround-session",
  subject: "synthetic",
  bed: "room-1",
  sensorModel: "acconeer-a121",
  sensors: [{ sensor: "radar-1", model: "acconeer-a121" }],
  granted: [],
  statedOccupancy: null,
  modelSha256,
  calibration,
};

const activation: Activation = {
  concern: "sleep-broken-by-checks",
  alternatives: ["checks-in-person-only"],
  words: null,
  reviewAfterHours: 168,
  hours: null,
  askAgainEveryHours: null,
};

/** Admitted, offered, turned on; 4 s of the sensor; the link is lost and the alarm acknowledged; the clock steps; turned off. */
async function* firstConsent(ask: (request: number) => Promise<CoreEvent>): AsyncGenerator<CoreEvent, void, number[]> {
  let now = 0;
  const stamp = () => ({ at: monoMs(now), utcMs: 1_800_000_000_000 + now });
  let asks = 0;
  const from = (actor: Actor, what: RoomAsk): CoreEvent => {
    asks += 1;
    return {
      kind: "ask",
      ...stamp(),
      request: `ask-${asks}`,
      actor,
      ask: what,
      freshId: "stay-1",
      touchedAtUtcMs: null,
    };
  };
  const place = { bed: "room-1", stay: "stay-1" };
  const nurse: Actor = { kind: "staff", id: "nurse-1", name: "Sam Reed", role: "nurse-in-charge" };
  const person: Actor = { kind: "bedside", ...place };
  yield { kind: "sensor-status", ...stamp(), sensor: "radar-1", state: "off", detail: "told to stop", health: "ok" };
  yield from(nurse, {
    do: "admit",
    bed: "room-1",
    label: "SYNTHETIC",
    demonstration: true,
    adult: true,
    needs: commonNeeds,
  });
  yield from(person, { do: "turn-on", ...place, purpose: "breathing-rate" });
  for (const purpose of sensingPurposes) {
    yield from(nurse, { do: "offer", ...place, purpose, activation });
    now += 1_000;
    yield from(person, { do: "turn-on", ...place, purpose });
  }
  yield { kind: "sensor-status", ...stamp(), sensor: "radar-1", state: "on", detail: "streaming", health: "ok" };
  let frame = 0;
  for (const bytes of rogueFrames(81, (n) => 1_800_000_002_000 + 50 * n)) {
    now = 2_000 + 50 * frame++;
    let requests: number[] = yield { kind: "frame", ...stamp(), sensor: "radar-1", bytes };
    // An answer may bring the next question.
    for (let request = requests.shift(); request !== undefined; request = requests.shift()) {
      requests = yield { ...(await ask(request)), ...stamp() };
    }
  }
  yield {
    kind: "sensor-status",
    ...stamp(),
    sensor: "radar-1",
    state: "lost",
    detail: "connection closed; next try in 0.5 s",
    health: "ok",
  };
  now += 3_000;
  yield { kind: "tick", ...stamp() };
  yield from(nurse, { do: "acknowledge", bed: "room-1", alarm: "room-1-1", going: true });
  yield { kind: "clock", ...stamp(), steppedMs: 7_200_000 };
  now += 10_000;
  yield { kind: "tick", ...stamp() };
  for (const purpose of sensingPurposes) yield from(person, { do: "turn-off", ...place, purpose });
  now += 1_000;
  yield { kind: "tick", ...stamp() };
}

const answers = new Map<number, CoreEvent>();
let core = coreOf(header);
const lines: string[] = [JSON.stringify(header)];
const expected: string[] = step(core, restoreOf(header)).effects.map(writeEffect);
core = step(coreOf(header), restoreOf(header)).state;
const session = firstConsent(async (request) => {
  const answer = answers.get(request);
  if (answer === undefined) throw new Error(`no answer to request ${request}`);
  return answer;
});
let asked: number[] = [];
for (;;) {
  const { value: event, done } = await session.next(asked);
  if (done === true || event === undefined) break;
  if (event.kind === "restore") throw new Error("the header restores");
  lines.push(writeSessionEvent(event));
  const { state, effects } = step(core, event);
  core = state;
  asked = [];
  for (const effect of effects) {
    expected.push(writeEffect(effect));
    if (effect.kind !== "infer") continue;
    const { outputs } = await thread.run(effect.model, effect.tensors);
    answers.set(effect.request, {
      kind: "inferred",
      at: monoMs(0),
      utcMs: 0,
      request: effect.request,
      outputs,
      tookMs: 1,
    });
    asked.push(effect.request);
  }
}
await thread.stop();
writeFileSync(`${folder}/first-consent.session.jsonl`, `${lines.join("\n")}\n`);
writeFileSync(`${folder}/first-consent.expected.jsonl`, `${expected.join("\n")}\n`);
process.stdout.write(`${lines.length - 1} events, ${expected.length} effects in ${folder}\n`);
