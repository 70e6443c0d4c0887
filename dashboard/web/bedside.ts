import type { BedsideView, LiveMessage } from "../../edge-agent/contract/live.ts";
import type { Purpose } from "../../edge-agent/contract/words.ts";
import { clockWords } from "./age-words.ts";
import type { AskAgent } from "./ask.ts";
import { nowOn, purposeCards } from "./components/bedside/bedside-draw.ts";
import { bedsideScreen, settleWishes, type Wish } from "./components/bedside/bedside-screen.ts";
import type { LiveSource } from "./live-connection.ts";
import { part } from "./part.ts";
import { draw } from "./render.ts";

/** Hours of the place where the screen is. */
const night = { fromHour: 21, toHour: 7 };
/** A refusal is read, then goes. */
const refusalShownMs = 15_000;

export interface BedsidePlace {
  readonly bed: string;
  readonly stay: string;
  /** Only for the demonstration page: as by day or by night, whatever the hour. */
  readonly light?: "day" | "night";
}

/** The touch screen of one person: what is on now, and the choice for each purpose. */
export class Bedside {
  private readonly place: BedsidePlace;
  private readonly ask: AskAgent;
  private view: BedsideView | null = null;
  private wishes: Map<Purpose, Wish>;
  private live = false;

  constructor(place: BedsidePlace, ask: AskAgent, wishes: ReadonlyMap<Purpose, Wish> = new Map()) {
    this.place = place;
    this.ask = ask;
    this.wishes = new Map(wishes);
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
    if (message.view !== null) this.wishes = settleWishes(message.view, this.wishes);
  }

  private redraw(): void {
    const now = performance.now();
    for (const [purpose, wish] of this.wishes) {
      if (wish.refused !== null && now - wish.askedAtMs > refusalShownMs) this.wishes.delete(purpose);
    }
    const screen = bedsideScreen(this.view, this.live, this.wishes, now);
    draw(part("now"), nowOn(screen));
    draw(
      part("choices"),
      purposeCards(screen, (purpose, want) => void this.wish(purpose, want)),
    );
    draw(part("clock"), [clockWords(Date.now())]);
    draw(part("bed-name"), [this.view?.bedName ?? ""]);
    draw(part("marks"), this.view?.source ? [this.view.source === "recording" ? "Recording" : "Simulated"] : []);
    const hour = new Date().getHours();
    const dim = hour >= night.fromHour || hour < night.toHour;
    document.documentElement.dataset.light = this.place.light ?? (dim ? "night" : "day");
  }

  /** Shown at once as a wish; what is true comes with the agent's next word. */
  private async wish(purpose: Purpose, want: "on" | "off"): Promise<void> {
    this.wishes.set(purpose, { want, askedAtMs: performance.now(), refused: null });
    this.redraw();
    const { bed, stay } = this.place;
    const asked = await this.ask({ do: want === "on" ? "turn-on" : "turn-off", bed, stay, purpose });
    if (!asked.ok && asked.signedOut) location.assign("/");
    const wish = this.wishes.get(purpose);
    if (!asked.ok && wish?.want === want) {
      this.wishes.set(purpose, { want, askedAtMs: performance.now(), refused: asked.words });
    }
    this.redraw();
  }
}
