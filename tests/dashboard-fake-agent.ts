import { bedTileFixtures } from "../dashboard/web/components/bed-tile/fixtures.ts";
import { Answer, Ask, type AskResult, type RoomAsk } from "../edge-agent/contract/asks.ts";
import type { ObservationOrder, TileChecks } from "../edge-agent/contract/checks.ts";
import type { SiteConfig } from "../edge-agent/contract/config.ts";
import { type Activation, neverOffered } from "../edge-agent/contract/consent.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import type { Refused } from "../edge-agent/contract/refused.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { readControlTopic, topics } from "../edge-agent/contract/topics.ts";
import type { WardAsk, WardState } from "../edge-agent/contract/ward-state.ts";
import type { WhatIf } from "../edge-agent/contract/what-if.ts";
import { purposes, type StaffRole } from "../edge-agent/contract/words.ts";
import type { AskDesk } from "../edge-agent/io/ask-desk.ts";
import { type BrokerLink, connectBroker } from "../edge-agent/platform/connect.ts";
import type { Log } from "../edge-agent/platform/log.ts";

const hourMs = 3_600_000;

/** One-time codes of staff; never used up. */
const staffCodes: Readonly<Record<string, StaffRole>> = {
  "nurse-code": "nurse",
  "charge-code": "nurse-in-charge",
  "lead-code": "governance-lead",
};
const nothingOffered: Tile["consents"] = purposes.map((purpose) => ({
  ...neverOffered,
  purpose,
  due: null,
  outOfHours: false,
}));
const termsOf = ({ reviewAfterHours, hours, askAgainEveryHours }: Activation) => ({
  untilUtcMs: Date.now() + reviewAfterHours * hourMs,
  hours,
  askAgain:
    askAgainEveryHours === null
      ? null
      : { atUtcMs: Date.now() + askAgainEveryHours * hourMs, everyMs: askAgainEveryHours * hourMs },
});

const checksOf = ({ level, everyMinutes }: ObservationOrder): TileChecks => ({
  state: "not-yet",
  dueUtcMs: Date.now() + everyMinutes * 60_000,
  missedInARow: 0,
  escalation: 0,
  level,
  everyMinutes,
  reviewDue: false,
  lastMade: null,
});

/**
 * An agent on the wire that knows two one-time codes and their sessions, keeps one tile for each bed, tells them every
 * second, and carries out the asks of the pages on those tiles.
 */
export class FakeAgent {
  readonly asks: Ask[] = [];
  /** What screens say by themselves; `asks` is what people asked. */
  readonly shown: Ask[] = [];
  readonly sessions = new Map<string, AskResult>();
  readonly tiles = new Map<string, Tile>();
  /** False: hears and says nothing, like an agent that hangs. */
  speaking = true;
  /** False: an ask is answered, but no sensor state follows until `confirmSensor`. */
  confirming = true;
  /** What it says that an order would have meant. */
  whatIf: WhatIf = { nights: 30, bedNights: 27.4, beds: 1, conditions: [] };
  /** A real desk in front of these rooms: it knows accounts, and says who asks. */
  desk: AskDesk | undefined;
  private readonly site: SiteConfig;
  private readonly link: BrokerLink;
  /** What it says of the ward. */
  ward: WardState = {
    v: 1,
    at: 0,
    intendedUse: "advisory",
    audio: { paused: null, off: null },
    soundTest: null,
    chainTest: null,
    raisedLately: 0,
    onDuty: [{ name: "Sam Reed", role: "nurse" }],
  };
  /** What this agent does not know of itself, such as two-person access to records. */
  decideElse: (ask: Ask["ask"], who: AskResult | undefined) => AskResult | Refused | undefined = () => undefined;
  private opened = 0;
  private admitted = 0;
  private telling: NodeJS.Timeout | undefined;

  constructor(site: SiteConfig, controlPort: number, password: string, log: Log) {
    this.site = site;
    this.link = connectBroker({
      url: `mqtt://127.0.0.1:${controlPort}`,
      clientId: "agent",
      username: "agent",
      password,
      log,
    });
  }

  start(): void {
    this.link.subscribe(topics(this.site).anyAsk, 1, (topic, payload) => {
      const client = readControlTopic(this.site, topic)?.[1] ?? "";
      const sent: unknown = JSON.parse(Buffer.from(payload).toString("utf8"));
      if (!this.speaking) return;
      const read = Ask.safeParse(sent);
      if (!read.success) return this.refuseMalformed(client, sent);
      const ask = read.data;
      (ask.ask.do === "alarm-shown" ? this.shown : this.asks).push(ask);
      if (this.desk !== undefined) return this.desk.receive(client, payload);
      const decided = this.decide(ask);
      const answer = Answer.parse(
        "why" in decided
          ? { v: 1, id: ask.id, ok: false, ...decided }
          : { v: 1, id: ask.id, ok: true, result: decided },
      );
      void this.link.publish(topics(this.site).answer(client), JSON.stringify(answer), { qos: 1 });
    });
    this.telling = setInterval(() => this.tellAll(), 1_000);
  }

  private refuseMalformed(client: string, sent: unknown): void {
    const id = (sent as { id?: unknown }).id;
    if (typeof id !== "string") return;
    this.answer(client, Answer.parse({ v: 1, id, ok: false, why: "malformed", words: "This is not understood here." }));
  }

  async stop(): Promise<void> {
    clearInterval(this.telling);
    await this.link.stop();
  }

  tell(bed: string, change: Partial<Tile>): void {
    const before = this.tiles.get(bed) ?? bedTileFixtures.neverOffered;
    const bedName = this.site.beds.find((place) => place.bed === bed)?.name ?? bed;
    this.tiles.set(bed, { ...before, ...change, bed, bedName });
    this.tellAll();
  }

  private hearOfSound(ask: WardAsk): void {
    const sinceUtcMs = Date.now();
    const by = "Sam Reed";
    switch (ask.do) {
      case "pause-audio": {
        const paused = { sinceUtcMs, untilUtcMs: sinceUtcMs + ask.seconds * 1_000, by };
        this.ward = { ...this.ward, audio: { ...this.ward.audio, paused } };
        break;
      }
      case "audio-off":
        this.ward = { ...this.ward, audio: { ...this.ward.audio, off: { sinceUtcMs, by, reason: ask.reason } } };
        break;
      case "audio-on":
        this.ward = { ...this.ward, audio: { paused: null, off: null } };
        break;
      case "test-chain": {
        const units = this.site.beds.map(({ device }) => ({ device, answeredAfterMs: 40, decoded: true }));
        const nonce = sinceUtcMs.toString(16).padStart(16, "0");
        this.ward = { ...this.ward, chainTest: { nonce, by, atUtcMs: sinceUtcMs, units } };
        break;
      }
      case "sound-heard":
        this.ward = { ...this.ward, soundTest: { atUtcMs: sinceUtcMs, by, heard: ask.heard } };
    }
    this.tellAll();
  }

  answer(client: string, answer: Answer): void {
    void this.link.publish(topics(this.site).answer(client), JSON.stringify(answer), { qos: 1 });
  }

  /** As the room would, for the desk. */
  decideRoom(ask: RoomAsk, by: Actor): AskResult | { why: string; words: string } {
    return this.decide({ v: 1, id: "", session: null, ask }, by.kind === "staff" ? by.name : undefined);
  }

  private tellAll(): void {
    if (!this.speaking) return;
    const state = JSON.stringify({ ...this.ward, at: Date.now() });
    void this.link.publish(topics(this.site).wardState, state, { qos: 0 });
    for (const tile of this.tiles.values()) {
      void this.link.publish(topics(this.site).live(tile.bed), JSON.stringify({ ...tile, at: Date.now() }), { qos: 0 });
    }
  }

  private decide({ session, ask }: Ask, by?: string): AskResult | { why: string; words: string } {
    const who = session === null ? undefined : this.sessions.get(session);
    const expiresAt = Date.now() + hourMs;
    switch (ask.do) {
      case "sign-in":
        return this.signIn(ask.code, expiresAt);
      case "pair":
        if (ask.code !== "bed-code") return { why: "code-invalid", words: "This code is unknown, used or too old." };
        return this.open("bedside-session", {
          is: "bedside",
          session: null,
          bed: "room-1",
          stay: "stay-made-up",
          expiresAt,
        });
      case "who-am-i":
        return who ?? { why: "not-signed-in", words: "Please sign in again." };
      case "sign-out":
        this.sessions.delete(session ?? "");
        return { is: "done" };
      case "close":
        this.tell(ask.bed, { toClose: (this.tiles.get(ask.bed)?.toClose ?? []).filter(({ id }) => id !== ask.alarm) });
        return { is: "done" };
      case "pause-audio":
      case "audio-off":
      case "audio-on":
      case "test-chain":
      case "sound-heard":
        this.hearOfSound(ask);
        return { is: "done" };
      case "sedation-watch": {
        const sinceUtcMs = Date.now();
        const untilUtcMs = sinceUtcMs + ask.hours * hourMs;
        this.tell(ask.bed, { sedation: { everyMinutes: ask.everyMinutes, sinceUtcMs, untilUtcMs, by: "Sam Reed" } });
        return { is: "done" };
      }
      case "end-sedation-watch":
        this.tell(ask.bed, { sedation: null });
        return { is: "done" };
      case "accept-rate":
        return { is: "done" };
      case "observe":
        this.tell(ask.bed, { checks: checksOf(ask.observation) });
        return { is: "done" };
      case "check": {
        const checks = this.tiles.get(ask.bed)?.checks ?? null;
        const { where, how } = ask.seen;
        const lastMade = { atUtcMs: ask.seenAtUtcMs ?? Date.now(), by: "Sam Reed", where, how };
        if (checks !== null) this.tell(ask.bed, { checks: { ...checks, state: "made", missedInARow: 0, lastMade } });
        return { is: "done" };
      }
      case "characteristics":
      case "feedback":
      case "alarm-shown":
        return { is: "done" };
      case "revoke-bedside":
        for (const [token, one] of this.sessions) if (one.is === "bedside") this.sessions.delete(token);
        return { is: "done" };
      case "resume":
        for (const { purpose, state } of this.tiles.get(ask.bed)?.consents ?? [])
          if (state === "paused") this.setConsent(ask.bed, purpose, { state: "granted" });
        return { is: "done" };
      case "still-yes":
        this.setConsent(ask.bed, ask.purpose, { due: null });
        return { is: "done" };
      case "needs":
        this.tell(ask.bed, { needs: ask.needs });
        return { is: "done" };
      case "offer":
        this.setConsent(ask.bed, ask.purpose, { state: "offered", ...termsOf(ask.activation) });
        return { is: "done" };
      case "best-interests":
        if (this.consentOf(ask.bed, ask.purpose)?.personSaidNo === true)
          return {
            why: "refused-by-person",
            words: "The person said no to this. Nobody can decide otherwise for them.",
          };
        this.setConsent(ask.bed, ask.purpose, { state: "best-interests", ...termsOf(ask.activation) });
        return { is: "done" };
      case "review": {
        const { outcome, hours, reviewAfterHours } = ask.review;
        const untilUtcMs = Date.now() + reviewAfterHours * hourMs;
        this.setConsent(
          ask.bed,
          ask.purpose,
          outcome === "stop" ? { state: "withdrawn" } : { untilUtcMs, hours, due: null },
        );
        return { is: "done" };
      }
      case "turn-on":
        this.setConsent(ask.bed, ask.purpose, { state: "granted", personSaidNo: false });
        return { is: "done" };
      case "turn-off":
        this.setConsent(ask.bed, ask.purpose, { state: "withdrawn", personSaidNo: who?.is === "bedside" });
        return { is: "done" };
      case "stop-everything":
        this.stopEverything(ask.bed, Date.now());
        return { is: "done" };
      case "pause":
        for (const { purpose, state } of this.tiles.get(ask.bed)?.consents ?? []) {
          if (state !== "granted") continue;
          const pause = { untilUtcMs: Date.now() + ask.minutes * 60_000, from: "granted" } as const;
          this.setConsent(ask.bed, purpose, { state: "paused", pause });
        }
        return { is: "done" };
      case "admit": {
        this.admitted += 1;
        const stay = { id: `stay-${this.admitted}`, label: ask.label, demonstration: ask.demonstration };
        const { neverOffered } = bedTileFixtures;
        this.tell(ask.bed, { ...neverOffered, stay, needs: ask.needs, consents: nothingOffered });
        return { is: "stay", stay: stay.id };
      }
      case "end-stay": {
        const stay = this.tiles.get(ask.bed)?.stay;
        if (stay?.id !== ask.stay) return { why: "not-found", words: "This stay is not open in this bed." };
        if (stay.label !== ask.label)
          return { why: "not-found", words: "Another person is in this bed. Look who it is, and begin again." };
        this.tell(ask.bed, bedTileFixtures.vacant);
        return { is: "done" };
      }
      case "acknowledge": {
        const name = who?.is === "staff" ? who.name : (by ?? "nobody");
        const tile = this.tiles.get(ask.bed);
        const alarms = (tile?.alarms ?? []).map((alarm) =>
          alarm.id === ask.alarm
            ? ({ ...alarm, presence: "ack", acknowledged: { name, at: Date.now() } } as const)
            : alarm,
        );
        this.tell(ask.bed, { alarms });
        return { is: "done" };
      }
      case "invite-bedside":
        return { is: "code", code: "bed-code", expiresAt };
      case "order":
        this.tell(ask.bed, { order: ask.order });
        return { is: "done" };
      case "what-if":
        return { is: "what-if", ...this.whatIf };
      default:
        // Of accounts only a real desk knows (dashboard-ward.ts, `accounts`).
        return this.decideElse(ask, who) ?? { why: "not-allowed", words: "This account or screen may not do that." };
    }
  }

  /** A token is never given twice, as with the real agent. */
  private open(name: string, result: Extract<AskResult, { session: string | null }>): AskResult {
    this.opened += 1;
    const token = this.opened === 1 ? name : `${name}-${this.opened}`;
    this.sessions.set(token, result);
    return { ...result, session: token };
  }

  private signIn(code: string, expiresAt: number): AskResult | { why: string; words: string } {
    const role = staffCodes[code];
    if (role === undefined) return { why: "code-invalid", words: "This code is unknown, used or too old." };
    const [id, name] = role === "nurse" ? ["staff-1", "Sam Reed"] : [`staff-${role}`, "Amina Khan"];
    return this.open("staff-session", { is: "staff", session: null, id, name, role, expiresAt });
  }

  /** All at one moment, as the agent does it. */
  private stopEverything(bed: string, sinceUtcMs: number): void {
    for (const { purpose, state } of this.tiles.get(bed)?.consents ?? [])
      if (["granted", "best-interests", "paused", "offered"].includes(state))
        this.setConsent(bed, purpose, { state: state === "offered" ? "refused" : "withdrawn", sinceUtcMs });
  }

  private consentOf(bed: string, purpose: string): Tile["consents"][number] | undefined {
    return this.tiles.get(bed)?.consents.find((one) => one.purpose === purpose);
  }

  private setConsent(bed: string, purpose: string, change: Partial<Tile["consents"][number]>): void {
    const tile = this.tiles.get(bed) ?? bedTileFixtures.neverOffered;
    const since = change.state === undefined ? {} : { sinceUtcMs: Date.now(), pause: null };
    const consents = tile.consents.map((one) => (one.purpose === purpose ? { ...one, ...since, ...change } : one));
    this.tell(bed, { consents });
    if (this.confirming) this.confirmSensor(bed);
  }

  /** The sensor follows the consents, as a bridge would confirm it. */
  confirmSensor(bed: string): void {
    const tile = this.tiles.get(bed);
    if (tile === undefined) return;
    const on = tile.consents.some(({ state }) => state === "granted" || state === "best-interests");
    const { sensor, notMonitored, dataAgeMs, movement, breathing } = on ? bedTileFixtures.calm : bedTileFixtures.off;
    this.tell(bed, { sensor, notMonitored, dataAgeMs, movement, breathing });
  }
}
