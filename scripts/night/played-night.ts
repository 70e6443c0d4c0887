import type { RoomAsk } from "../../edge-agent/contract/asks.ts";
import { commonNeeds } from "../../edge-agent/contract/consent.ts";
import type { AuditIntent } from "../../edge-agent/contract/door.ts";
import type { Actor } from "../../edge-agent/contract/people.ts";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import { newRandom } from "../../firmware-bridge/simulator/random.ts";
import { answerOf } from "./answers.ts";
import { NightBridge } from "./bridge-of-night.ts";
import { CoreWard } from "./core-ward.ts";
import { Later } from "./later.ts";
import { answersAfterSec, isIn, type Night, nightSec } from "./plan.ts";
import { deedsOf, inCharge, nurse } from "./staff-of-night.ts";
import type { Told } from "./told.ts";

/** Frames and answers come in steps of this. */
const stepMs = 50;
/** From a tile to what a station has drawn. */
const drawnAfterMs = 250;
/** How it ended is said so long after "I'm going". */
const closedAfterMs = 90_000;

export interface Played {
  /** What screens were told, and what the log says, in order. */
  readonly told: readonly Told[];
  readonly coreMs: number;
  readonly wallMs: number;
  readonly framesAccepted: number;
  readonly answers: number;
}

/** Plays a whole night through the agent's own loop, cores and database. */
export function playNight(night: Night, seed: number, onHour: (hour: number) => void): Played {
  const begunMs = performance.now();
  const random = newRandom(seed);
  const told: Told[] = [];
  const later = new Later();
  const bridges = new Map(night.beds.map((plan, n) => [plan.bed, new NightBridge(plan, night, random.fork(n))]));
  const plans = new Map(night.beds.map((plan) => [plan.bed, plan]));
  const answering = random.fork(1_000);
  const known = new Map<string, number>();
  const noticed = new Set<string>();
  const frames = new Map<string, number>();
  const stays = new Map<string, string>();
  let answers = 0;
  let asks = 0;
  let framesBefore = 0;
  /** What the agent writes when it is stopped in the morning is no part of the night. */
  let over = false;

  const dark = (): boolean => night.stationGaps.some((gap) => isIn(gap, ward.nowMs / 1_000));
  const down = (): boolean => night.agentGaps.some((gap) => isIn(gap, ward.nowMs / 1_000));
  const ask = (actor: Actor, what: RoomAsk): void => {
    asks += 1;
    const [request, freshId] = [`r${asks}`, `id${asks}`];
    ward.feed(what.bed, { kind: "ask", request, actor, ask: what, freshId, touchedAtUtcMs: null });
  };
  /** A station draws what it is told, and says so; a nurse reads it. */
  const draw = (tile: Tile): void => {
    const shown = tile.alarms.filter(
      (alarm) => !alarm.shown && (alarm.presence === "on" || alarm.presence === "latched"),
    );
    if (shown.length > 0) {
      later.at(ward.nowMs + drawnAfterMs, () => {
        if (dark() || down()) return;
        const list = shown.map(({ id, raisedAt }) => ({ id, raisedAtUtcMs: raisedAt }));
        ward.feed(tile.bed, { kind: "alarms-shown", shown: list });
      });
    }
    for (const alarm of tile.alarms) {
      const name = `${alarm.id} ${alarm.raisedAt}`;
      if (noticed.has(name) || alarm.presence === "ack") continue;
      noticed.add(name);
      const plan = plans.get(tile.bed);
      const afterMs = plan === undefined ? 0 : 1_000 * answersAfterSec(plan, alarm.condition);
      later.at(ward.nowMs + afterMs, () =>
        ask(nurse, { do: "acknowledge", bed: tile.bed, alarm: alarm.id, going: true }),
      );
      if (alarm.technical) continue;
      later.at(ward.nowMs + afterMs + closedAfterMs, () =>
        ask(nurse, { do: "close", bed: tile.bed, alarm: alarm.id, outcome: "helped", falseBecause: null }),
      );
    }
  };

  const ward: CoreWard = new CoreWard(night.startUtcMs, night.beds, {
    lease: ({ bed, forMs }) => bridges.get(bed)?.lease(ward.nowMs, forMs),
    stopSensor: (bed) => bridges.get(bed)?.stop(),
    infer: (bed, { request, model }) => {
      answers += 1;
      const plan = plans.get(bed);
      if (plan === undefined) return;
      const outputs = answerOf(model, plan.truth, ward.nowMs / 1_000, answering);
      later.at(ward.nowMs + stepMs, () => ward.feed(bed, { kind: "inferred", request, outputs, tookMs: stepMs }));
    },
    publish: (tile) => {
      const atSec = ward.nowMs / 1_000;
      for (const alarm of tile.alarms) {
        // After a restart an alarm that was on is on: nothing new.
        if (known.get(alarm.id) === alarm.raisedAt || alarm.presence !== "on") continue;
        known.set(alarm.id, alarm.raisedAt);
        told.push({ atSec, bed: tile.bed, what: alarm.condition, detail: alarm.id });
      }
      frames.set(tile.bed, tile.engineering.framesAccepted);
      if (!dark()) draw(tile);
    },
    audited: (intent) => {
      const note = over ? undefined : noteOf(intent);
      if (note !== undefined) told.push({ atSec: ward.nowMs / 1_000, ...note });
    },
    answer: (answer) => {
      if (answer.ok && answer.result.is === "stay") stays.set(answer.request, answer.result.stay);
      if (!answer.ok && answer.why !== "already-done") throw new Error(`${answer.request}: ${answer.words}`);
    },
  });

  try {
    ward.start();
    for (const plan of night.beds) {
      if (plan.stay === null) continue;
      ask(inCharge, {
        do: "admit",
        bed: plan.bed,
        label: "Night",
        demonstration: true,
        adult: true,
        needs: commonNeeds,
      });
      const stay = stays.get(`r${asks}`);
      if (stay === undefined) throw new Error(`nobody was admitted to ${plan.bed}`);
      for (const deed of deedsOf(plan, stay, night.startUtcMs)) {
        later.at(1_000 * deed.atSec, () => ask(deed.actor, deed.ask));
      }
    }
    let killed = false;
    for (let nowMs = 0; nowMs < 1_000 * nightSec; nowMs += stepMs) {
      ward.nowMs = nowMs;
      if (nowMs % 3_600_000 === 0) onHour(nowMs / 3_600_000);
      if (down()) {
        if (!killed) ward.kill();
        killed = true;
        for (const count of frames.values()) framesBefore += count;
        frames.clear();
        continue;
      }
      if (killed) {
        killed = false;
        for (const bridge of bridges.values()) bridge.forgetTold();
        ward.restart();
      }
      later.run(nowMs);
      if (nowMs % 1_000 === 0) ward.tick();
      for (const [bed, bridge] of bridges) {
        for (const status of bridge.statuses(nowMs)) ward.feed(bed, status);
        for (const frame of bridge.due(nowMs, ward.utcMs)) ward.feed(bed, { kind: "frame", ...frame });
      }
    }
  } finally {
    over = true;
    ward.end();
  }
  let framesAccepted = framesBefore;
  for (const count of frames.values()) framesAccepted += count;
  return { told, coreMs: ward.coreMs, wallMs: performance.now() - begunMs, framesAccepted, answers };
}

/** What the log says of a night, beside alarms. */
function noteOf({ action, detail }: AuditIntent): Omit<Told, "atSec"> | undefined {
  const bed = String(detail.bed);
  switch (action) {
    case "alert.escalate":
      return { bed, what: `escalated ${String(detail.condition)}`, detail: String(detail.to) };
    case "check.missed":
    case "order.end":
    case "lease.start":
    case "lease.end":
      return { bed, what: action, detail: "" };
    default:
      return undefined;
  }
}
