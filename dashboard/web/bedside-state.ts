import type { BedsideView, LiveMessage } from "../../edge-agent/contract/live.ts";
import { Saying } from "../words/saying.ts";
import type { BedsidePlace } from "./bedside.ts";
import { drawOpened } from "./components/bedside/bedside-draw.ts";
import { openedWords } from "./components/bedside/facts.ts";
import { glance } from "./components/bedside/glance.ts";
import { shape } from "./components/shapes/shapes.ts";
import { part } from "./part.ts";
import { draw, h } from "./render.ts";

/** On the pages behind the screen: in one line what is on now, and who has this person's page open. */
export class BedsideState {
  private readonly saying: Saying;
  private view: BedsideView | null = null;
  private aheadMs = 0;

  constructor(place: BedsidePlace) {
    this.saying = new Saying(place.language);
  }

  hear(message: LiveMessage): void {
    if (message.is !== "bedside") return;
    this.view = message.view;
    this.aheadMs = message.utcMs - Date.now();
  }

  redraw(live: boolean): void {
    const { view, saying } = this;
    const moment = { nowMs: performance.now(), utcMs: Date.now() + this.aheadMs, live };
    const now = glance(view, new Map(), moment, saying);
    const [askStaff] = now.shape === "ring-unknown" ? now.more : [];
    draw(part("state"), [
      h("span", { class: "qr-state__ring" }, shape(now.shape)),
      h("strong", {}, now.headline),
      askStaff === undefined ? null : h("span", {}, askStaff),
    ]);
    draw(part("opened"), view === null ? [] : drawOpened(openedWords(view, saying)));
    draw(part("clock"), [saying.time(moment.utcMs)]);
  }
}
