import { randomBytes } from "node:crypto";
import type { AlarmShown } from "../contract/alarm-shown.ts";
import { Answer, Ask, type AskResult, type RoomAsk, StationAsk } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Effect } from "../contract/door.ts";
import type { Actor, CareOrder } from "../contract/people.ts";
import type { WhatIf } from "../contract/what-if.ts";
import type { RefusalReason } from "../contract/words.ts";
import type { Log } from "../platform/log.ts";
import { StoreError } from "../records/store-error.ts";
import type { WardRecords } from "../records/ward.ts";
import { ShownAlarms } from "./shown-alarms.ts";
import type { WardDesk } from "./ward-desk.ts";

/** Asks of one room that wait for the core's answer; above it an ask is refused at once. */
const waitingMax = 1_000;
const askBytesMax = 16_384;
const rememberedMax = 1_000;

interface DeskOptions {
  readonly records: WardRecords;
  readonly ward: WardDesk;
  readonly stamp: () => Stamp;
  readonly beds: readonly string[];
  readonly toRoom: (
    bed: string,
    ask: { request: string; actor: Actor; ask: RoomAsk; freshId: string; touchedAtUtcMs: number | null },
  ) => void;
  /** Undefined: another one is under way. Null: it cannot be told now. */
  readonly whatIf: (of: {
    stay: string | null;
    order: CareOrder;
    nowUtcMs: number;
  }) => Promise<WhatIf | null> | undefined;
  readonly send: (client: string, answer: Answer) => void;
  /** An alarm stood on a nurse station's screen. */
  readonly onShown: (shown: AlarmShown, utcMs: number) => void;
  readonly log: Log;
}

/**
 * Takes asks from the control broker, finds out who is asking, and gives back the answer of the core (about a room) or of
 * the ward's records (about people and screens). The broker vouches for the client's name; the session for the person.
 */
export class AskDesk {
  private readonly options: DeskOptions;
  private readonly waiting = new Map<string, { client: string; id: string }>();
  private readonly answered = new Map<string, Answer | "pending">();
  /** Who the sessions were, as the records last said it. */
  private readonly known = new Map<string, { readonly actor: Actor; readonly expiresAt: number }>();
  private readonly shown: ShownAlarms;
  private lastRequest = 0;

  constructor(options: DeskOptions) {
    this.options = options;
    this.shown = new ShownAlarms(options.onShown);
  }

  /** From a broker client, before any check. */
  receive(client: string, payload: Uint8Array): void {
    const ask = payload.length > askBytesMax ? undefined : readAsk(payload);
    if (ask === undefined) {
      this.options.log.warn({ client, size: payload.length }, "an ask that does not parse was refused");
      const id = payload.length > askBytesMax ? undefined : readAskId(payload);
      if (id !== undefined)
        this.options.send(client, answerOf(id, refuse("malformed", "This is not understood here.")));
      return;
    }
    if (this.isRepeated(client, ask.id)) return;
    const respond = (result: AskResult | Refusal): void => this.respond(client, answerOf(ask.id, result));
    try {
      const actor = this.whoAsks(client, ask.session);
      if (ask.ask.do === "what-if") this.askWhatIf(ask.ask, actor, respond);
      else if (isOfStation(ask.ask)) respond(this.decideStation(ask.ask, ask.session, actor));
      else this.askRoom(client, { ...ask, ask: ask.ask }, actor, respond);
    } catch (cause) {
      // Whatever a client sent may fail its own ask, never the ward.
      this.options.log.error({ do: ask.ask.do, cause: String(cause) }, "an ask failed");
      const disk = cause instanceof StoreError && cause.code !== "refused";
      respond(
        disk
          ? refuse("audit-failed", "The ward's records cannot be written. Check in person and call the engineer.")
          : refuse("malformed", "This cannot be written down. Check the words."),
      );
    }
  }

  /** The core's answer to an ask of this desk. */
  answer(effect: Extract<Effect, { kind: "answer" }>): void {
    const asker = this.waiting.get(effect.request);
    this.waiting.delete(effect.request);
    if (asker === undefined) return;
    this.respond(asker.client, answerOf(asker.id, effect.ok ? effect.result : refuse(effect.why, effect.words)));
  }

  /** QoS 1 delivers at least once: an ask that came before is not done again, its answer is sent again. */
  private isRepeated(client: string, id: string): boolean {
    const key = `${client} ${id}`;
    const before = this.answered.get(key);
    if (before === undefined) {
      if (this.answered.size >= rememberedMax)
        for (const [oldest] of [...this.answered].slice(0, rememberedMax / 2)) this.answered.delete(oldest);
      this.answered.set(key, "pending");
      return false;
    }
    if (before !== "pending") this.options.send(client, before);
    return true;
  }

  private respond(client: string, answer: Answer): void {
    this.answered.set(`${client} ${answer.id}`, answer);
    this.options.send(client, answer);
  }

  private whoAsks(client: string, session: string | null): Actor | undefined {
    if (client === "admin") return { kind: "setup", name: "set-up on this machine" };
    if (session === null) return undefined;
    const { utcMs } = this.options.stamp();
    try {
      const known = this.options.records.whoIs(session, utcMs);
      if (known === undefined) this.known.delete(session);
      else {
        if (this.known.size >= rememberedMax) this.known.clear();
        this.known.set(session, known);
      }
      return known?.actor;
    } catch (cause) {
      // Turning off must find its person also while the records cannot be read.
      const known = this.known.get(session);
      if (known === undefined || known.expiresAt <= utcMs) throw cause;
      return known.actor;
    }
  }

  private askRoom(
    client: string,
    { id, ask, touchedAt }: Pick<Ask, "id" | "touchedAt"> & { readonly ask: RoomAsk },
    actor: Actor | undefined,
    respond: (result: Refusal) => void,
  ): void {
    const refusal = this.cannotAsk(ask.bed, actor);
    if (refusal !== undefined || actor === undefined) {
      respond(refusal ?? notAllowed(actor));
      return;
    }
    const request = `ask-${++this.lastRequest}`;
    this.waiting.set(request, { client, id });
    const freshId = randomBytes(12).toString("hex");
    this.options.toRoom(ask.bed, { request, actor, ask, freshId, touchedAtUtcMs: touchedAt ?? null });
  }

  private cannotAsk(bed: string, actor: Actor | undefined): Refusal | undefined {
    if (actor === undefined) return notAllowed(actor);
    if (!this.options.beds.includes(bed)) return refuse("not-found", "There is no such bed on this ward.");
    if (this.waiting.size >= waitingMax) return refuse("unavailable", "The ward computer is too busy. Try again.");
    return undefined;
  }

  /** A refusal to somebody who is known is written down like a deed. */
  private notAllowed(ask: StationAsk, actor: Actor | undefined): Refusal {
    const refusal = notAllowed(actor);
    if (actor !== undefined) {
      const detail = { do: ask.do, why: refusal.why };
      this.options.records.commit(
        [{ action: "ask.refused", actor, outcome: 4, detail, phi: null }],
        [],
        this.options.stamp(),
      );
    }
    return refusal;
  }

  /** Looks at what was recorded of people: by the nurse in charge, and with an entry before anything is read. */
  private askWhatIf(ask: WhatIfAsk, actor: Actor | undefined, respond: (result: AskResult | Refusal) => void): void {
    if (!mayInvite(actor, ["nurse-in-charge"])) {
      respond(this.notAllowed(ask, actor));
      return;
    }
    const stamp = this.options.stamp();
    const { bed, stay, order, of } = ask;
    const detail = { bed, stay, of };
    this.options.records.commit([{ action: "order.what-if", actor, outcome: 0, detail, phi: null }], [], stamp);
    const told = this.options.whatIf({ stay: of === "stay" ? stay : null, order, nowUtcMs: stamp.utcMs });
    if (told === undefined) {
      respond(refuse("unavailable", "Another order is being tried. Try again in a moment."));
      return;
    }
    told.then((result) => {
      respond(result === null ? refuse("unavailable", "This cannot be told now.") : { is: "what-if", ...result });
    });
  }

  private decideStation(
    ask: Exclude<StationAsk, WhatIfAsk>,
    session: string | null,
    actor: Actor | undefined,
  ): AskResult | Refusal {
    const { records } = this.options;
    const stamp = this.options.stamp();
    switch (ask.do) {
      case "invite-staff":
        if (!mayInvite(actor, ["nurse-in-charge"])) return this.notAllowed(ask, actor);
        return { is: "code", ...records.inviteStaff({ name: ask.name, role: ask.role, by: actor }, stamp) };
      case "invite-bedside": {
        if (!mayInvite(actor, ["nurse", "nurse-in-charge"])) return this.notAllowed(ask, actor);
        const invited = records.inviteBedside({ bed: ask.bed, by: actor }, stamp);
        return typeof invited === "string"
          ? refuse(invited, "Nobody is admitted to this bed.")
          : { is: "code", ...invited };
      }
      case "revoke-bedside": {
        if (!mayInvite(actor, ["nurse", "nurse-in-charge"])) return this.notAllowed(ask, actor);
        const revoked = records.revokeBedside({ bed: ask.bed, by: actor }, stamp);
        return typeof revoked === "string" ? refuse(revoked, "Nobody is admitted to this bed.") : revoked;
      }
      case "characteristics": {
        if (!mayInvite(actor, ["nurse", "nurse-in-charge"])) return this.notAllowed(ask, actor);
        const set = records.setCharacteristics({ bed: ask.bed, stay: ask.stay, told: ask.told, by: actor }, stamp);
        return typeof set === "string" ? refuse(set, "This stay is not open in this bed. Load the page again.") : set;
      }
      case "feedback": {
        if (actor?.kind !== "bedside") return this.notAllowed(ask, actor);
        return records.takeFeedback({ by: actor, about: ask.about, feels: ask.feels, words: ask.words }, stamp);
      }
      case "pause-audio":
      case "audio-off":
      case "audio-on":
      case "test-chain":
      case "sound-heard":
        return this.options.ward.decide(ask, actor) ?? this.notAllowed(ask, actor);
      case "alarm-shown": {
        if (actor?.kind !== "staff" || !mayInvite(actor, ["nurse", "nurse-in-charge"]))
          return this.notAllowed(ask, actor);
        const ofWard = ask.alarms.filter(({ bed }) => this.options.beds.includes(bed));
        this.shown.take(ofWard, Math.min(ask.atUtcMs, stamp.utcMs));
        return { is: "done" };
      }
      case "sign-in":
      case "pair": {
        const result = ask.do === "sign-in" ? records.signIn(ask.code, stamp) : records.pair(ask.code, stamp);
        return typeof result === "string"
          ? refuse(result, "This code is unknown, used or too old. Ask the nurse in charge for a new one.")
          : result;
      }
      case "sign-out":
        if (session !== null) records.signOut(session, stamp);
        return { is: "done" };
      case "who-am-i": {
        const known = session === null ? undefined : records.whoIs(session, stamp.utcMs);
        if (known === undefined) return refuse("not-signed-in", "Please sign in again.");
        return describe(known.actor, known.expiresAt);
      }
    }
  }
}

type WhatIfAsk = Extract<StationAsk, { do: "what-if" }>;

const isOfStation = (ask: Ask["ask"]): ask is StationAsk => stationActs.has(ask.do);
const stationActs: ReadonlySet<string> = new Set(StationAsk.options.map(({ shape }) => shape.do.value));

interface Refusal {
  readonly why: RefusalReason;
  readonly words: string;
}
const refuse = (why: RefusalReason, words: string): Refusal => ({ why, words });

const notAllowed = (actor: Actor | undefined): Refusal =>
  actor === undefined
    ? refuse("not-signed-in", "Please sign in again.")
    : refuse("not-allowed", "This account or screen may not do that.");

function mayInvite(actor: Actor | undefined, roles: readonly string[]): actor is Actor {
  return actor?.kind === "setup" || (actor?.kind === "staff" && roles.includes(actor.role));
}

function describe(actor: Actor, expiresAt: number): AskResult | Refusal {
  switch (actor.kind) {
    case "staff":
      return { is: "staff", session: null, id: actor.id, name: actor.name, role: actor.role, expiresAt };
    case "bedside":
      return { is: "bedside", session: null, bed: actor.bed, stay: actor.stay, expiresAt };
    case "setup":
    case "system":
      return refuse("not-allowed", "This is not a person's account.");
  }
}

function answerOf(id: string, result: AskResult | Refusal): Answer {
  return Answer.parse("why" in result ? { v: 1, id, ok: false, ...result } : { v: 1, id, ok: true, result });
}

/** So that whoever sent something malformed hears of it at once. */
function readAskId(payload: Uint8Array): string | undefined {
  try {
    return Ask.pick({ id: true })
      .loose()
      .parse(JSON.parse(Buffer.from(payload).toString("utf8"))).id;
  } catch {
    return undefined;
  }
}

function readAsk(payload: Uint8Array): Ask | undefined {
  try {
    return Ask.parse(JSON.parse(Buffer.from(payload).toString("utf8")));
  } catch {
    return undefined;
  }
}
