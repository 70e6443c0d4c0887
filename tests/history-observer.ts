import type { RoomAsk } from "../edge-agent/contract/asks.ts";
import type { Hours } from "../edge-agent/contract/consent.ts";
import type { Actor } from "../edge-agent/contract/people.ts";
import { type Purpose, purposes, sensingPurposes } from "../edge-agent/contract/words.ts";

/*
 * A careful observer of a ward's consent with rules of their own. They see what people ask, whether it was done, and the clock on
 * the wall; they know nothing of the program. Where they and the program differ, one of them is wrong.
 */

const hourMs = 3_600_000;

interface Terms {
  readonly untilUtcMs: number;
  /** The same, in the time of the world: a clock on the wall that is put back makes nothing last longer. */
  readonly endsAtMs: number;
  readonly hours: Hours | null;
}

/** Over when both clocks say so: one that is put forward makes no pause shorter. */
interface Pause {
  readonly untilUtcMs: number;
  readonly overAtMs: number;
}

interface Word {
  /** What was put to the person in this stay, or the terms that they had agreed to. */
  terms: Terms | null;
  allowed: (Terms & { pause: Pause | null; readonly whose: "person" | "decided" }) | null;
  everPutToThem: boolean;
  saidNo: boolean;
}

const silence = (): Record<Purpose, Word> =>
  Object.fromEntries(
    purposes.map((purpose): [Purpose, Word] => [
      purpose,
      { terms: null, allowed: null, everPutToThem: false, saidNo: false },
    ]),
  ) as Record<Purpose, Word>;

export class Observer {
  private readonly stays = new Map<string, { stay: string; words: Record<Purpose, Word> }>();
  /** The time of the world, which nobody can step. */
  private readonly worldMs: () => number;

  constructor(worldMs: () => number) {
    this.worldMs = worldMs;
  }

  /** What the program did and should not have done. */
  readonly complaints: string[] = [];

  stayIn(bed: string): string | undefined {
    return this.stays.get(bed)?.stay;
  }

  admitted(bed: string, stay: string): void {
    this.stays.set(bed, { stay, words: silence() });
  }

  /** Of an ask that the program says it did. */
  done(actor: Actor, ask: RoomAsk, utcMs: number): void {
    const here = this.stays.get(ask.bed);
    const byPerson = actor.kind === "bedside";
    if (!("stay" in ask)) return;
    if (here === undefined || here.stay !== ask.stay) {
      this.complain(`${ask.do} for a stay that is not open`);
      return;
    }
    if (byPerson && (actor.stay !== here.stay || actor.bed !== ask.bed)) this.complain(`${ask.do} by another screen`);
    const { words } = here;
    switch (ask.do) {
      case "end-stay":
        this.stays.delete(ask.bed);
        return;
      case "offer": {
        const word = words[ask.purpose];
        if (word.allowed?.whose === "person") return;
        word.allowed = null;
        word.terms = this.termsOf(ask.activation, utcMs);
        word.everPutToThem = true;
        return;
      }
      case "best-interests": {
        const word = words[ask.purpose];
        if (word.saidNo) this.complain(`decided over a person's no: ${ask.purpose}`);
        if (word.allowed?.whose === "person") this.complain(`decided for a person who had said yes: ${ask.purpose}`);
        // What was decided for somebody is not what was offered to them.
        word.terms = null;
        word.everPutToThem = true;
        word.allowed = { ...this.termsOf(ask.activation, utcMs), pause: null, whose: "decided" };
        return;
      }
      case "review": {
        const word = words[ask.purpose];
        if (ask.review.outcome === "stop") {
          off(word);
          return;
        }
        if (word.allowed === null) {
          this.complain(`a review of what was off: ${ask.purpose}`);
          return;
        }
        const { reviewAfterHours, hours } = ask.review;
        const { allowed } = word;
        if (everyHour.some((hour) => covers(hours, hour) && !covers(allowed.hours, hour)))
          this.complain(`a review gave more hours than the person agreed to: ${ask.purpose}`);
        const asked = utcMs + reviewAfterHours * hourMs;
        // Only another decision prolongs what was decided for somebody.
        const untilUtcMs = allowed.whose === "decided" ? Math.min(asked, allowed.untilUtcMs) : asked;
        const endsAtMs = untilUtcMs === allowed.untilUtcMs ? allowed.endsAtMs : this.worldMs() + untilUtcMs - utcMs;
        word.allowed = { ...allowed, untilUtcMs, endsAtMs, hours };
        return;
      }
      case "turn-on": {
        if (!byPerson) this.complain("turned on by somebody else");
        const word = words[ask.purpose];
        word.saidNo = false;
        if (word.allowed !== null) {
          word.allowed.pause = null;
          return;
        }
        if (word.terms === null || word.terms.untilUtcMs <= utcMs) {
          this.complain(`a yes to nothing that was offered: ${ask.purpose}`);
          return;
        }
        word.allowed = { ...word.terms, pause: null, whose: "person" };
        return;
      }
      case "turn-off":
        this.stop(words[ask.purpose], byPerson);
        return;
      case "stop-everything":
        for (const purpose of purposes) this.stop(words[purpose], byPerson);
        return;
      case "pause":
        for (const purpose of purposes) {
          const { allowed } = words[purpose];
          if (allowed === null) continue;
          const asked = { untilUtcMs: utcMs + ask.minutes * 60_000, overAtMs: this.worldMs() + ask.minutes * 60_000 };
          // Staff may make a person's pause longer, never shorter.
          const longer = allowed.pause === null || asked.untilUtcMs > allowed.pause.untilUtcMs;
          if (byPerson || longer) allowed.pause = asked;
        }
        return;
      case "resume":
        if (!byPerson) this.complain("resumed by somebody else");
        for (const purpose of purposes) {
          const { allowed } = words[purpose];
          if (allowed !== null) allowed.pause = null;
        }
        return;
      case "needs":
      case "order":
      case "still-yes":
      case "observe":
      case "check":
        return;
    }
  }

  /** The program has looked at the clock. */
  elapsed(bed: string, utcMs: number): void {
    const here = this.stays.get(bed);
    for (const word of Object.values(here?.words ?? {})) {
      if (word.allowed === null) continue;
      if (this.isOver(word.allowed, utcMs)) Object.assign(word, { allowed: null, terms: null });
      else if (!this.isPaused(word.allowed, utcMs)) word.allowed.pause = null;
    }
  }

  /** The next times at which something changes by itself. */
  nextEnds(utcMs: number): number[] {
    const words = [...this.stays.values()].flatMap((here) => Object.values(here.words));
    const ends = words.flatMap(({ allowed }) => [allowed?.untilUtcMs ?? 0, allowed?.pause?.untilUtcMs ?? 0]);
    const nextHour = (Math.floor(utcMs / hourMs) + 1) * hourMs;
    return [nextHour, ...ends.filter((end) => end > utcMs)].sort((a, b) => a - b);
  }

  /** By the clock on the wall alone, which is all that a database can know. */
  standsByWall(bed: string, stay: string, purpose: Purpose, utcMs: number): boolean {
    const here = this.stays.get(bed);
    const allowed = here?.stay === stay ? here.words[purpose].allowed : null;
    if (allowed === null || utcMs >= allowed.untilUtcMs) return false;
    return covers(allowed.hours, londonHour(utcMs)) && !this.isPaused(allowed, utcMs);
  }

  /** Does a decision stand that allows this purpose now, in this hour of the ward's day? */
  stands(bed: string, stay: string, purpose: Purpose, utcMs: number): boolean {
    const here = this.stays.get(bed);
    const allowed = here?.stay === stay ? here.words[purpose].allowed : null;
    if (allowed === null || this.isOver(allowed, utcMs)) return false;
    if (allowed.hours !== null && !isIn(allowed.hours, londonHour(utcMs))) return false;
    return !this.isPaused(allowed, utcMs);
  }

  /** The agent began anew: of what was before it knows the clock on the wall alone. */
  rebooted(utcMs: number): void {
    for (const { words } of this.stays.values()) {
      for (const word of Object.values(words)) {
        const { allowed, terms } = word;
        const anew = (untilUtcMs: number) => this.worldMs() + untilUtcMs - utcMs;
        if (terms !== null) word.terms = { ...terms, endsAtMs: anew(terms.untilUtcMs) };
        if (allowed === null) continue;
        const { pause } = allowed;
        word.allowed = {
          ...allowed,
          endsAtMs: anew(allowed.untilUtcMs),
          pause: pause === null ? null : { ...pause, overAtMs: anew(pause.untilUtcMs) },
        };
      }
    }
  }

  private isOver({ untilUtcMs, endsAtMs }: Terms, utcMs: number): boolean {
    return utcMs >= untilUtcMs || this.worldMs() >= endsAtMs;
  }
  private isPaused({ pause }: { readonly pause: Pause | null }, utcMs: number): boolean {
    return pause !== null && (utcMs < pause.untilUtcMs || this.worldMs() < pause.overAtMs);
  }

  /** May a sensor of this bed run now? */
  maySense(bed: string, utcMs: number): boolean {
    const here = this.stays.get(bed);
    if (here === undefined) return false;
    return sensingPurposes.some((purpose) => this.stands(bed, here.stay, purpose, utcMs));
  }

  private termsOf(
    { reviewAfterHours, hours }: { reviewAfterHours: number; hours: Hours | null },
    utcMs: number,
  ): Terms {
    const lastsMs = reviewAfterHours * hourMs;
    return { untilUtcMs: utcMs + lastsMs, endsAtMs: this.worldMs() + lastsMs, hours };
  }

  private stop(word: Word, byPerson: boolean): void {
    if (byPerson && word.everPutToThem) word.saidNo = true;
    off(word);
  }

  private complain(words: string): void {
    this.complaints.push(words);
  }
}

/** What they had agreed to themselves they may turn on again; what was decided for them was never theirs. */
function off(word: Word): void {
  const { allowed } = word;
  if (allowed === null) return;
  word.terms =
    allowed.whose === "person"
      ? { untilUtcMs: allowed.untilUtcMs, endsAtMs: allowed.endsAtMs, hours: allowed.hours }
      : null;
  word.allowed = null;
}

const everyHour = Array.from({ length: 24 }, (_, hour) => hour);
const covers = (hours: Hours | null, hour: number): boolean => hours === null || isIn(hours, hour);
const isIn = ({ fromHour, toHour }: Hours, hour: number): boolean =>
  Array.from({ length: (toHour - fromHour + 24) % 24 }, (_, n) => (fromHour + n) % 24).includes(hour);

/** Summer Time Act 1972 as amended: from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October. */
export function londonHour(utcMs: number): number {
  const year = new Date(utcMs).getUTCFullYear();
  const lastSundayOf = (month: number): number => {
    const last = new Date(Date.UTC(year, month + 1, 0, 1));
    return last.getTime() - last.getUTCDay() * 24 * hourMs;
  };
  const summer = utcMs >= lastSundayOf(2) && utcMs < lastSundayOf(9);
  return new Date(utcMs + (summer ? hourMs : 0)).getUTCHours();
}
