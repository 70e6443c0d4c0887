import type { Hours } from "../../edge-agent/contract/consent.ts";
import type { BedsideView, LiveMessage } from "../../edge-agent/contract/live.ts";
import { isWithin, localHour } from "../../edge-agent/contract/local-hour.ts";
import type { Purpose } from "../../edge-agent/contract/words.ts";
import type { BedsideLanguage } from "../words/bedside-language.ts";
import { Saying } from "../words/saying.ts";
import type { AskAgent } from "./ask.ts";
import { drawCards, drawFacts, drawGlance, drawOpened, drawWhole } from "./components/bedside/bedside-draw.ts";
import { purposeCards, wholeChoices } from "./components/bedside/choices.ts";
import { facts, openedWords } from "./components/bedside/facts.ts";
import { glance, type Moment } from "./components/bedside/glance.ts";
import {
  aboutOf,
  type BedsideAct,
  mayComeLate,
  settleWishes,
  type Wish,
  wantsOn,
} from "./components/bedside/wishes.ts";
import type { LiveSource } from "./live-connection.ts";
import { part } from "./part.ts";
import { draw } from "./render.ts";

/** A refusal is read, then goes. */
const refusalShownMs = 15_000;
/** A stop that nobody heard is asked again this often: the person may have turned away and believe that it is off. */
const askAgainMs = 2_000;

export interface BedsidePlace {
  readonly bed: string;
  readonly stay: string;
  readonly language: BedsideLanguage;
  /** By the ward's wall clock. */
  readonly night: Hours;
  /** Only for the demonstration page: as by day or by night, whatever the hour. */
  readonly light?: "day" | "night";
}

/** The touch screen of one person: what is on now, and one touch for each choice. */
export class Bedside {
  private readonly place: BedsidePlace;
  private readonly ask: AskAgent;
  private readonly saying: Saying;
  private view: BedsideView | null = null;
  private wishes = new Map<Purpose | "everything", Wish>();
  private live = false;
  /** Of the server's clock before this screen's. */
  private aheadMs = 0;

  constructor(place: BedsidePlace, ask: AskAgent, wishing: readonly BedsideAct[] = []) {
    this.place = place;
    this.ask = ask;
    this.saying = new Saying(place.language);
    for (const act of wishing) this.wishes.set(aboutOf(act), { act, askedAtMs: performance.now(), refused: null });
  }

  start(source: LiveSource): void {
    source.start(
      (message) => {
        this.hear(message);
        this.redraw();
      },
      ({ notLive }) => {
        this.live = notLive === null;
        this.redraw();
      },
    );
    this.redraw();
  }

  private hear(message: LiveMessage): void {
    if (message.is !== "bedside") return;
    this.view = message.view;
    this.aheadMs = message.utcMs - Date.now();
    if (message.view !== null) this.wishes = settleWishes(message.view, this.wishes);
  }

  private redraw(): void {
    const { saying, view } = this;
    const moment: Moment = { nowMs: performance.now(), utcMs: Date.now() + this.aheadMs, live: this.live };
    for (const [about, wish] of this.wishes) {
      if (wish.refused !== null && wish.askedAgain !== true && moment.nowMs - wish.askedAtMs > refusalShownMs)
        this.wishes.delete(about);
    }
    const onTouch = (acts: readonly BedsideAct[], touchedAtMs: number): void => {
      for (const act of acts) void this.wish(act, touchedAtMs);
    };
    const cards = view === null ? [] : purposeCards(view, this.wishes, moment, saying);
    // One question at a time; the others wait in the list.
    const asked = cards.filter(({ question }) => question !== null).slice(0, 1);
    const rest = cards.filter((card) => !asked.includes(card));
    draw(part("now"), drawGlance(glance(view, this.wishes, moment, saying)));
    draw(part("opened"), view === null ? [] : drawOpened(openedWords(view, saying)));
    draw(part("facts"), view === null ? [] : drawFacts(facts(view.senses, saying)));
    const whole = view === null ? [] : drawWhole(wholeChoices(view, this.wishes, moment, saying), saying, onTouch);
    draw(part("whole"), whole);
    draw(part("asked"), drawCards(asked, onTouch));
    draw(part("choices"), drawCards(rest, onTouch));
    part("one-by-one").hidden = rest.length === 0;
    draw(part("clock"), [saying.time(moment.utcMs)]);
    draw(part("bed-name"), [view?.bedName ?? ""]);
    const source = view?.source ?? null;
    draw(part("marks"), source === null ? [] : [saying.say(source === "recording" ? "recording" : "simulated")]);
    // What the person is asked stands beside what is on, or under it where something can be stopped.
    const beside = [...(whole.length > 0 ? ["whole"] : []), ...(asked.length > 0 ? ["asked"] : [])];
    part("glance").dataset.beside = beside.join("-") || "nothing";
    const dim = isWithin(this.place.night, localHour(moment.utcMs, saying.language.timeZone));
    document.documentElement.dataset.light = this.place.light ?? (dim ? "night" : "day");
  }

  /** Shown at once as a wish; what is true comes with the agent's next word. */
  private async wish(act: BedsideAct, touchedAtMs: number): Promise<void> {
    const about = aboutOf(act);
    // A newer touch about everything takes the place of those about one purpose.
    if (about === "everything") this.wishes.clear();
    if (wantsOn(act)) for (const [of, { askedAgain }] of this.wishes) if (askedAgain) this.wishes.delete(of);
    const mine: Wish = { act, askedAtMs: performance.now(), refused: null };
    this.wishes.set(about, mine);
    await this.askFor(mine, touchedAtMs);
  }

  private async askFor(mine: Wish, touchedAtMs: number): Promise<void> {
    const about = aboutOf(mine.act);
    this.redraw();
    const { bed, stay } = this.place;
    const asked = await this.ask({ bed, stay, ...mine.act }, touchedAtMs);
    if (!asked.ok && asked.signedOut) location.assign("/pair");
    const newest = this.wishes.get(about) === mine;
    if (newest && asked.ok && mine.askedAgain) {
      const { askedAgain: _, ...heard } = mine;
      this.wishes.set(about, { ...heard, askedAtMs: performance.now(), refused: null });
    } else if (newest && !asked.ok && asked.unheard && mayComeLate(mine.act, performance.now() - touchedAtMs)) {
      const later: Wish = { ...mine, refused: this.saying.say("stillTrying"), askedAgain: true };
      this.wishes.set(about, later);
      setTimeout(() => {
        if (this.wishes.get(about) === later) void this.askFor(later, touchedAtMs);
      }, askAgainMs);
    } else if (newest && !asked.ok) {
      const { askedAgain: _, ...refused } = mine;
      this.wishes.set(about, { ...refused, askedAtMs: performance.now(), refused: this.saying.say("notDone") });
    }
    this.redraw();
  }
}
