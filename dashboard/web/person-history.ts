import type { PersonHistory } from "../../edge-agent/contract/person-history.ts";
import { breathingChart } from "./components/person-history/breathing-chart.ts";
import { historyLanes, type Plot } from "./components/person-history/history-lanes.ts";
import { type HistoryRow, historyRows, historySummary } from "./components/person-history/history-summary.ts";
import { part } from "./part.ts";
import { draw, type ElementSpec, h } from "./render.ts";

const readEveryMs = 300_000;
const tryAgainMs = 20_000;
const narrowPx = 720;

/** The last 12 hours on the page of a person: read when the page opens and now and then, drawn as wide as the page is. */
export class PersonHistoryPart {
  private readonly bed: string;
  private history: PersonHistory | null = null;
  private remove: () => void = () => {};
  private drawnAtPx = 0;
  private next: ReturnType<typeof setTimeout> | undefined;

  constructor(bed: string) {
    this.bed = bed;
  }

  start(): void {
    new ResizeObserver(() => this.fit()).observe(part("last-hours"));
    void this.read();
  }

  /** What the person allows has changed, or who the person is: what stands here is gone before the next is there. */
  readAnew(): void {
    this.history = null;
    this.remove();
    this.remove = () => {};
    for (const id of ["last-hours-lanes", "last-hours-table", "last-hours-point"]) draw(part(id), []);
    part("last-hours-breathing").hidden = true;
    part("last-hours-key").hidden = true;
    draw(part("last-hours-words"), [h("p", {}, "Reading…")]);
    void this.read();
  }

  private async read(): Promise<void> {
    clearTimeout(this.next);
    const read = await this.fetched();
    this.next = setTimeout(() => void this.read(), read === undefined ? tryAgainMs : readEveryMs);
    if (read !== undefined) this.history = read;
    part("last-hours").hidden = this.history === null && read !== undefined;
    if (this.history === null) draw(part("last-hours-words"), [h("p", {}, "The last hours cannot be read now.")]);
    else this.show(this.history);
  }

  /** Null: nobody is in this bed. Undefined: it cannot be read now. */
  private async fetched(): Promise<PersonHistory | null | undefined> {
    try {
      const response = await fetch(`/person/${this.bed}/history.json`, { redirect: "error" });
      if (response.status === 404) return null;
      return response.ok ? ((await response.json()) as { history: PersonHistory | null }).history : undefined;
    } catch {
      return undefined;
    }
  }

  private show(history: PersonHistory): void {
    draw(
      part("last-hours-words"),
      historySummary(history).map((words) => h("p", {}, words)),
    );
    draw(part("last-hours-table"), tableOf(historyRows(history)));
    this.drawnAtPx = 0;
    this.fit();
  }

  private fit(): void {
    const widthPx = Math.floor(part("last-hours-picture").clientWidth);
    if (this.history === null || widthPx === 0 || widthPx === this.drawnAtPx) return;
    this.drawnAtPx = widthPx;
    const { history } = this;
    const namesAbove = widthPx < narrowPx;
    const plot: Plot = { widthPx, leftPx: namesAbove ? 34 : 160, rightPx: 14, namesAbove };
    this.remove();
    this.remove = () => {};
    const chart = part("last-hours-breathing");
    chart.replaceChildren();
    chart.hidden = !history.shown.breathing || history.steps.atUtcMs.length === 0;
    part("last-hours-key").hidden = chart.hidden;
    if (!chart.hidden) {
      this.remove = breathingChart(chart, history, plot, (words) =>
        draw(part("last-hours-point"), words === "" ? [] : [words]),
      );
    }
    draw(part("last-hours-lanes"), [historyLanes(history, plot)]);
  }
}

function tableOf(rows: readonly HistoryRow[]): ElementSpec[] {
  const heads = ["Time", "Breaths a minute", "Without a rate", "Bed", "Alerts", "Checks in person"];
  return [
    h("caption", { class: "nhsuk-u-visually-hidden" }, "The last 12 hours by half hours, the newest first"),
    h("thead", {}, h("tr", {}, ...heads.map((words) => h("th", { scope: "col" }, words)))),
    h(
      "tbody",
      {},
      ...rows.map(({ when, breathing, without, bed, alerts, checks }) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, when),
          ...[breathing, without, bed, alerts, checks].map((words) => h("td", {}, words)),
        ),
      ),
    ),
  ];
}
