import type { AskAgent } from "../../ask.ts";
import { draw, h } from "../../render.ts";
import type { Bed } from "../bed-tile/bed-view.ts";
import { outcomeList } from "./alarm-outcome.ts";
import { type Ending, endingsOf } from "./endings.ts";

/** Asks, beneath the alerts, how what somebody went to has ended. On a page without the place for it there is nothing. */
export class OutcomeDesk {
  private readonly ask: AskAgent;
  private readonly telling = new Set<string>();
  private asked: string | null = null;
  private failed: string | null = null;
  private beds: readonly Bed[] = [];

  constructor(ask: AskAgent) {
    this.ask = ask;
  }

  show(beds: readonly Bed[]): void {
    this.beds = beds;
    const place = document.getElementById("outcomes");
    if (place === null) return;
    const endings = endingsOf(beds);
    // Somebody else has said it.
    if (!endings.some(({ id }) => id === this.asked)) this.asked = null;
    const list = outcomeList(endings, this.asked, this.telling, {
      say: (ending, outcome, falseBecause) => void this.say(ending, outcome, falseBecause),
      askWhy: (ending) => this.askWhy(ending),
    });
    const failed = this.failed === null ? null : h("p", { key: "failed", role: "status" }, this.failed);
    draw(place, [failed, ...list]);
  }

  /** The touched button is gone: the keyboard goes on with the first of those in its place. */
  private askWhy(ending: Ending | null): void {
    const before = this.asked;
    this.asked = ending?.id ?? null;
    this.show(this.beds);
    const first = ending === null ? `all-well-${before}` : `staff-in-room-${ending.id}`;
    document.getElementById(first)?.focus();
  }

  private async say(
    { id, bed }: Ending,
    outcome: Extract<Parameters<AskAgent>[0], { do: "close" }>["outcome"],
    falseBecause: Extract<Parameters<AskAgent>[0], { do: "close" }>["falseBecause"],
  ): Promise<void> {
    this.telling.add(id);
    this.asked = null;
    this.show(this.beds);
    const told = await this.ask({ do: "close", bed, alarm: id, outcome, falseBecause });
    this.failed = told.ok ? null : told.words;
    if (told.ok) this.forgetOnceGone(id);
    else this.telling.delete(id);
    this.show(this.beds);
  }

  /** It stays "telling" until the ward computer's next word has it no more, so that nobody touches twice. */
  private forgetOnceGone(id: string): void {
    const gone = (): boolean => !endingsOf(this.beds).some((ending) => ending.id === id);
    if (gone()) this.telling.delete(id);
    else setTimeout(() => this.telling.delete(id), 3_000);
  }
}
