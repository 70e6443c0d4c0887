import { join } from "node:path";
import type { Browser, Page } from "playwright-core";

/*
 * The nurse station as a person has it: a page in a browser. All that the night knows of the page's parts stands here.
 */

const alarmPart = (id: string): string => `[data-alarm="${id}"]`;
const goingButton = "button";
const listPart = "#alerts";
/** Says that an alarm is on, and neither acknowledged nor over. */
const onClass = "qr-alert--on";
const sessionCookie = "qr_staff";
const size = { width: 1920, height: 1080 };

/** One raising of an alarm, as the page came to know it. Times are ms since 1970, by this machine's clock. */
export interface Shown {
  readonly bed: string;
  readonly id: string;
  readonly condition: string;
  readonly raisedAt: number;
  /** When the agent said so, and the age of its newest frame then. */
  readonly saidAt: number;
  readonly dataAgeMs: number | null;
  readonly heardAt: number;
  /** First animation frame after the page had changed; null: it never did. */
  readonly drawnAt: number | null;
}

/** Runs in the page before its own script: stamps what the socket brings, and when the page shows it. */
function probe({ list, on }: { list: string; on: string }): void {
  interface Alarm {
    id: string;
    condition: string;
    presence: string;
    raisedAt: number;
  }
  interface Tile {
    bed: string;
    at: number;
    dataAgeMs: number | null;
    alarms: Alarm[];
  }
  type Mark = { -readonly [Key in keyof Shown]: Shown[Key] };
  const marks: Mark[] = [];
  Object.assign(window, { nightMarks: marks });
  const hear = (tile: Tile): void => {
    for (const { id, condition, presence, raisedAt } of tile.alarms) {
      if (presence !== "on" || marks.some((mark) => mark.id === id && mark.raisedAt === raisedAt)) continue;
      const said = { saidAt: tile.at, dataAgeMs: tile.dataAgeMs, heardAt: Date.now(), drawnAt: null };
      marks.push({ bed: tile.bed, id, condition, raisedAt, ...said });
    }
  };
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given: ConstructorParameters<typeof Plain>) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        const message = JSON.parse(String(data)) as { is: string; tile?: Tile; tiles?: { tile: Tile }[] };
        if (message.is === "tile" && message.tile !== undefined) hear(message.tile);
        for (const { tile } of message.tiles ?? []) hear(tile);
      });
    }
  };
  const look = (): void => {
    for (const mark of marks) {
      if (mark.drawnAt !== null) continue;
      const row = document.querySelector(`${list} [data-alarm="${mark.id}"]`);
      if (row?.classList.contains(on) !== true) continue;
      mark.drawnAt = 0;
      requestAnimationFrame(() => {
        mark.drawnAt = Date.now();
      });
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
}

export class StationPage {
  readonly pictures: { readonly file: string; readonly words: string }[] = [];
  private readonly page: Page;
  private readonly folder: string;
  private readonly answered = new Set<string>();

  private constructor(page: Page, folder: string) {
    this.page = page;
    this.folder = folder;
  }

  /** @param folder for pictures */
  static async open(browser: Browser, url: string, session: string, folder: string): Promise<StationPage> {
    const context = await browser.newContext({ viewport: size });
    await context.addCookies([{ name: sessionCookie, value: session, url }]);
    await context.addInitScript(probe, { list: listPart, on: onClass });
    const page = await context.newPage();
    await page.goto(`${url}/ward`);
    await page.locator(listPart).waitFor({ state: "attached" });
    return new StationPage(page, folder);
  }

  shown(): Promise<readonly Shown[]> {
    return this.page.evaluate(() => (window as unknown as { nightMarks: Shown[] }).nightMarks);
  }

  /** Alarms that stand on the page more than once: there must never be one. */
  twice(): Promise<readonly string[]> {
    return this.page.evaluate((list) => {
      const ids = [...document.querySelectorAll(`${list} [data-alarm]`)].map(
        (row) => row.getAttribute("data-alarm") ?? "",
      );
      return ids.filter((id, place) => ids.indexOf(id) !== place);
    }, listPart);
  }

  /** Presses "I'm going now" for each alarm that has been on the screen for so long. */
  async answer(afterMs: number): Promise<void> {
    for (const mark of await this.shown()) {
      const name = `${mark.id} ${mark.raisedAt}`;
      if (mark.drawnAt === null || this.answered.has(name) || Date.now() - mark.heardAt < afterMs) continue;
      this.answered.add(name);
      const button = this.page.locator(`${listPart} ${alarmPart(mark.id)} ${goingButton}`).first();
      // It may be over and gone by now, or somebody else's.
      if ((await button.count()) > 0) await button.click({ timeout: 2_000 }).catch(() => {});
    }
  }

  /** What a bed's tile looks like now: `calm`, `not-monitored`, ... */
  lookOf(bed: string): Promise<string | null> {
    return this.page.locator(`.qr-tile[data-bed="${bed}"]`).first().getAttribute("data-look");
  }

  async picture(name: string, words: string): Promise<void> {
    const file = `${name}.png`;
    await this.page.screenshot({ path: join(this.folder, file) });
    this.pictures.push({ file, words });
  }
}
