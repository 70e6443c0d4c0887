import { randomBytes } from "node:crypto";
import type { AlarmShown } from "../contract/alarm-shown.ts";
import { Answer, type Ask, type AskResult, type RoomAsk, StationAsk } from "../contract/asks.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { Effect } from "../contract/door.ts";
import { needsTraining } from "../contract/needs-training.ts";
import type { OidcAsk, OidcConfig } from "../contract/oidc.ts";
import type { Actor, CareOrder } from "../contract/people.ts";
import { type Refused, refuse } from "../contract/refused.ts";
import { type SecretAsk, type StaffAsk, staffAsks } from "../contract/staff.ts";
import type { WhatIf } from "../contract/what-if.ts";
import type { Log } from "../platform/log.ts";
import type { Known } from "../records/people.ts";
import type { SiteLimits } from "../records/staff-records.ts";
import { StoreError } from "../records/store-error.ts";
import type { WardRecords } from "../records/ward.ts";
import { readAsk, readAskId } from "./read-ask.ts";
import { decideRecords, isOfRecords } from "./records-desk.ts";
import { ScreenLocks } from "./screen-locks.ts";
import { ShownAlarms } from "./shown-alarms.ts";
import { isSigningIn, SignInDesk } from "./sign-in-desk.ts";
import { changeStaff } from "./staff-desk.ts";
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
  /** A one-time code signs in by itself: in a demonstration, where nobody has an account. */
  readonly codeSignsIn: boolean;
  readonly shiftMs: number;
  /** The trust's identity provider; left out or null: there is none. */
  readonly oidc?: OidcConfig | null;
  readonly idleLockMs: number;
  readonly agencyDaysMax: number;
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
  private readonly known = new Map<string, Known>();
  private readonly shown: ShownAlarms;
  private lastRequest = 0;
  private readonly locks: ScreenLocks;
  private readonly signIns: SignInDesk;

  constructor(options: DeskOptions) {
    this.options = options;
    this.shown = new ShownAlarms(options.onShown);
    const { records, stamp, shiftMs, oidc = null, log } = options;
    this.locks = new ScreenLocks(options.idleLockMs);
    this.signIns = new SignInDesk({ staff: () => records.staff, stamp, shiftMs, oidc, log });
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
    const respond = (result: AskResult | Refused): void => this.respond(client, answerOf(ask.id, result));
    // Whatever a client sent may fail its own ask, never the ward.
    const failed = (cause: unknown): void => {
      this.options.log.error({ do: ask.ask.do, cause: String(cause) }, "an ask failed");
      const disk = cause instanceof StoreError && cause.code !== "refused";
      respond(
        disk
          ? refuse("audit-failed", "The ward's records cannot be written. Check in person and call the engineer.")
          : refuse("malformed", "This cannot be written down. Check the words."),
      );
    };
    try {
      if (isSigningIn(ask.ask)) {
        this.signIns.decide(ask.ask, ask.session).then((result) => respond(this.opened(result)), failed);
        return;
      }
      const known = this.whoAsks(client, ask.session);
      if (this.isLocked(ask, known)) {
        respond(refuse("locked", "This screen is locked. Enter your badge number and your PIN, then do it again."));
        return;
      }
      if (known?.untrained === true && needsTraining(ask.ask)) {
        respond(refuse("untrained", untrainedWords));
        return;
      }
      if (ask.ask.do === "what-if") this.askWhatIf(ask.ask, known?.actor, respond);
      else if (isOfStation(ask.ask)) respond(this.decideStation(ask.ask, ask.session, known));
      else this.askRoom(client, { ...ask, ask: ask.ask }, known?.actor, respond);
    } catch (cause) {
      failed(cause);
    }
  }

  /** A screen that was just signed in at is touched. */
  private opened(result: AskResult | Refused): AskResult | Refused {
    if ("is" in result && result.is === "staff" && result.session !== null)
      this.locks.touch(result.session, this.monoMs());
    return result;
  }

  private monoMs(): number {
    return Number(this.options.stamp().monoNs / 1_000_000n);
  }

  /** On a locked screen nobody acts; whoever acts on an open one keeps it open. */
  private isLocked({ session, ask }: Ask, known: Known | undefined): boolean {
    if (session === null || known === undefined || alwaysAsked.has(ask.do)) return false;
    const monoMs = this.monoMs();
    if (this.locks.isLocked(session, known, { monoMs, utcMs: this.options.stamp().utcMs })) return true;
    this.locks.touch(session, monoMs);
    return false;
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

  private whoAsks(client: string, session: string | null): Known | undefined {
    if (client === "admin")
      return { actor: { kind: "setup", name: "set-up on this machine" }, expiresAt: Number.POSITIVE_INFINITY };
    if (session === null) return undefined;
    const { utcMs } = this.options.stamp();
    try {
      const known = this.options.records.whoIs(session, utcMs);
      if (known === undefined) this.known.delete(session);
      else {
        if (this.known.size >= rememberedMax) this.known.clear();
        this.known.set(session, known);
      }
      return known;
    } catch (cause) {
      // Turning off must find its person also while the records cannot be read.
      const known = this.known.get(session);
      if (known === undefined || known.expiresAt <= utcMs) throw cause;
      return known;
    }
  }

  private askRoom(
    client: string,
    { id, ask, touchedAt }: Pick<Ask, "id" | "touchedAt"> & { readonly ask: RoomAsk },
    actor: Actor | undefined,
    respond: (result: Refused) => void,
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

  private cannotAsk(bed: string, actor: Actor | undefined): Refused | undefined {
    if (actor === undefined) return notAllowed(actor);
    if (!this.options.beds.includes(bed)) return refuse("not-found", "There is no such bed on this ward.");
    if (this.waiting.size >= waitingMax) return refuse("unavailable", "The ward computer is too busy. Try again.");
    return undefined;
  }

  /** A refusal to somebody who is known is written down like a deed. */
  private notAllowed(ask: StationAsk, actor: Actor | undefined): Refused {
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
  private askWhatIf(ask: WhatIfAsk, actor: Actor | undefined, respond: (result: AskResult | Refused) => void): void {
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
    ask: Exclude<StationAsk, SecretAsk | OidcAsk | WhatIfAsk>,
    session: string | null,
    known: Known | undefined,
  ): AskResult | Refused {
    const { records } = this.options;
    const stamp = this.options.stamp();
    const actor = known?.actor;
    if (isOfStaff(ask)) return this.decideStaff(ask, session, actor);
    if (isOfRecords(ask)) return decideRecords(ask, actor, records, stamp) ?? this.notAllowed(ask, actor);
    switch (ask.do) {
      case "invite-staff":
        if (!mayInvite(actor, ["nurse-in-charge"])) return this.notAllowed(ask, actor);
        if (!this.options.codeSignsIn)
          return refuse("policy", "Here staff have accounts. Add the person with their badge number.");
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
      case "answer-feedback": {
        if (actor?.kind !== "staff" || actor.role !== "governance-lead") return this.notAllowed(ask, actor);
        const answered = records.answerFeedback({ feedback: ask.feedback, words: ask.words, by: actor }, stamp);
        return typeof answered === "string" ? refuse(answered, "Nobody said this.") : answered;
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
        if (ask.do === "sign-in" && !this.options.codeSignsIn)
          return refuse("policy", "A code starts an account here. Use the page for a new account.");
        const result = ask.do === "sign-in" ? records.signIn(ask.code, stamp) : records.pair(ask.code, stamp);
        return typeof result === "string"
          ? refuse(result, "This code is unknown, used or too old. Ask the nurse in charge for a new one.")
          : result;
      }
      case "sign-out":
        if (session !== null) records.signOut(session, stamp);
        return { is: "done" };
      case "who-am-i": {
        // Not what was remembered: a page is told who it is only as the records say it now.
        const now = session === null ? undefined : records.whoIs(session, stamp.utcMs);
        if (session === null || now === undefined) return refuse("not-signed-in", "Please sign in again.");
        const at = { monoMs: this.monoMs(), utcMs: stamp.utcMs };
        return describe(now, this.locks.isLocked(session, now, at));
      }
    }
  }

  private decideStaff(ask: StaffAsk, session: string | null, actor: Actor | undefined): AskResult | Refused {
    const { records, agencyDaysMax, beds } = this.options;
    switch (ask.do) {
      case "lock-screen":
        if (session !== null) this.locks.lock(session);
        return { is: "done" };
      // Whoever asked anything has touched the screen already.
      case "still-here":
        return actor === undefined ? this.notAllowed(ask, actor) : { is: "done" };
      default: {
        const limits: SiteLimits = { agencyDaysMax, beds };
        const changed = changeStaff(ask, actor, records.staff, limits, this.options.stamp());
        return changed ?? this.notAllowed(ask, actor);
      }
    }
  }
}

type WhatIfAsk = Extract<StationAsk, { do: "what-if" }>;

const untrainedWords =
  "No current training in this system is written down for you. The nurse in charge can write it down under “Staff”. Alarms, checks and turning off are yours as ever.";

/** What a locked screen may ask as well: whose it is, to be locked, and to be left. */
const alwaysAsked: ReadonlySet<string> = new Set([
  "who-am-i",
  "sign-out",
  "sign-in",
  "pair",
  "lock-screen",
  // Said by the screen itself, and no touch of anybody.
  "alarm-shown",
]);
const isOfStaff = (ask: StationAsk): ask is StaffAsk => staffActs.has(ask.do);
const staffActs: ReadonlySet<string> = new Set(staffAsks.map(({ shape }) => shape.do.value));

const isOfStation = (ask: Ask["ask"]): ask is Exclude<StationAsk, SecretAsk | WhatIfAsk> => stationActs.has(ask.do);
const stationActs: ReadonlySet<string> = new Set(StationAsk.options.map(({ shape }) => shape.do.value));

const notAllowed = (actor: Actor | undefined): Refused =>
  actor === undefined
    ? refuse("not-signed-in", "Please sign in again.")
    : refuse("not-allowed", "This account or screen may not do that.");

function mayInvite(actor: Actor | undefined, roles: readonly string[]): actor is Actor {
  return actor?.kind === "setup" || (actor?.kind === "staff" && roles.includes(actor.role));
}

function describe({ actor, expiresAt, untrained }: Known, locked: boolean): AskResult | Refused {
  switch (actor.kind) {
    case "staff": {
      const { id, name, role } = actor;
      const more = { ...(locked ? { locked } : {}), ...(untrained === true ? { untrained } : {}) };
      return { is: "staff", session: null, id, name, role, expiresAt, ...more };
    }
    case "bedside":
      return { is: "bedside", session: null, bed: actor.bed, stay: actor.stay, expiresAt };
    case "advocate":
      return { is: "advocate", session: null, number: actor.number, bed: actor.bed, stay: actor.stay, expiresAt };
    case "setup":
    case "system":
      return refuse("not-allowed", "This is not a person's account.");
  }
}

function answerOf(id: string, result: AskResult | Refused): Answer {
  return Answer.parse("why" in result ? { v: 1, id, ok: false, ...result } : { v: 1, id, ok: true, result });
}
