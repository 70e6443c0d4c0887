import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { WebSocket } from "ws";
import { readEntry } from "../edge-agent/audit/entry.ts";
import type { RoomAsk } from "../edge-agent/contract/asks.ts";
import type { Tile } from "../edge-agent/contract/tile.ts";
import { readFrameTopic } from "../edge-agent/contract/topics.ts";
import { allowingStates, sensingPurposes } from "../edge-agent/contract/words.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { bedsidePanel, launchBrowser } from "./dashboard-browser.ts";
import { openScreen } from "./live-screen.ts";
import { type RunningWard, runWard } from "./running-ward.ts";
import { tapWire, type WireTap } from "./wire-tap.ts";

/*
 * A ward of streaming rooms whose people touch: some on the bedside page in a real browser, the others at the very door that the
 * page uses. What follows from a touch is watched from outside: on the bridge's wires, and at a nurse station's socket.
 */

export type Stopping = "stop-everything" | "turn-off" | "pause";
export type By = "browser" | "door";

/** What became of one touch. Times since the touch, ms. */
export interface Stopped {
  readonly bed: string;
  readonly how: Stopping;
  readonly by: By;
  /** Rooms whose sensor sent within the last half second. */
  readonly streamingRooms: number;
  readonly touchedUtcMs: number;
  /** The last sample that the agent accepted was before this. */
  readonly acceptedMs: number;
  /** The last frame that the bridge sent; 0 where none came after the touch. */
  readonly sensorMs: number;
  /** Until the nurse station was told. */
  readonly stationMs: number;
}

interface Place {
  readonly bed: string;
  readonly stay: string;
  readonly session: string;
  readonly page: Page | undefined;
  /** Tiles as a nurse station got them, since the last touch. */
  tiles: { readonly tile: Tile; readonly heardUtcMs: number }[];
  /** When its sensor's newest frame left the bridge. */
  readonly sentUtcMs: () => number;
  /** By which touch it was turned off. */
  off: Stopping | undefined;
}

/** So long nothing more may come after the agent said that it stopped. */
const watchedMs = 1_200;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class TouchedRooms {
  readonly places: Place[] = [];
  private readonly ward: RunningWard;
  private readonly taps: readonly WireTap[];
  private readonly controlTap: WireTap;
  private screen: WebSocket | undefined;
  private browser: Browser | undefined;

  private constructor(ward: RunningWard, taps: { frames: WireTap; control: WireTap }) {
    this.ward = ward;
    this.taps = [taps.frames, taps.control];
    this.controlTap = taps.control;
  }

  /** Every room streams when it resolves. */
  static async open(rooms: number, pages: number): Promise<TouchedRooms> {
    const sent = new Map<string, number>();
    const taps: { frames?: WireTap; control?: WireTap } = {};
    const ward = await runWard({
      sensors: Array.from({ length: rooms }, (_, room) => ({
        port: { via: "simulated", seed: room + 1, scene: "asleep", speed: 1 } as const,
      })),
      bridgeBrokers: async (site) => {
        taps.frames = await tapWire(site.brokers.framesPort, (topic) => {
          const sensor = readFrameTopic(site, topic)?.sensor;
          if (sensor !== undefined) sent.set(sensor, Date.now());
        });
        taps.control = await tapWire(site.brokers.controlPort, () => {});
        return { framesPort: taps.frames.port, controlPort: taps.control.port };
      },
    });
    const { frames, control } = taps;
    if (frames === undefined || control === undefined) throw new Error("no bridge");
    const here = new TouchedRooms(ward, { frames, control });
    try {
      await here.fill(sent, pages);
    } catch (cause) {
      await here.close();
      throw cause;
    }
    return here;
  }

  private async fill(sent: ReadonlyMap<string, number>, pages: number): Promise<void> {
    const { ward } = this;
    const nurse = await ward.signInNurse();
    const admitted: { bed: string; stay: string; bedside: string }[] = [];
    for (const { bed } of ward.site.beds) admitted.push({ bed, ...(await ward.admit(bed)) });
    await ward.release();
    ward.start("dashboard");
    this.screen = await openScreen(ward, nurse, (message) => {
      const tiles = message.is === "tile" ? [message.tile] : message.is === "snapshot" ? message.tiles : [];
      for (const one of tiles) {
        const tile = "tile" in one ? one.tile : one;
        this.places.find(({ bed }) => bed === tile.bed)?.tiles.push({ tile, heardUtcMs: Date.now() });
      }
    });
    this.browser = pages === 0 ? undefined : await launchBrowser();
    for (const [room, { bed, stay, bedside }] of admitted.entries()) {
      const page = room < pages && this.browser !== undefined ? await this.openPage(this.browser, bedside) : undefined;
      const sensor = ward.site.beds[room]?.sensors[0]?.sensor ?? "";
      const off: Stopping = "stop-everything";
      const sentUtcMs = (): number => sent.get(sensor) ?? 0;
      this.places.push({ bed, stay, session: bedside, page, tiles: [], sentUtcMs, off });
    }
    for (const place of this.places) await this.turnOn(place);
  }

  private get pages(): string {
    return `http://127.0.0.1:${this.ward.site.dashboard.port}`;
  }

  private async openPage(browser: Browser, session: string): Promise<Page> {
    const context = await browser.newContext({ viewport: bedsidePanel, hasTouch: true });
    await context.addCookies([{ name: "qr_bedside", value: session, url: this.pages }]);
    await context.addInitScript(() => {
      addEventListener("touchstart", () => Object.assign(window, { touchedAtUtcMs: Date.now() }), true);
    });
    const page = await context.newPage();
    await page.goto(`${this.pages}/bedside`);
    return page;
  }

  streaming(): number {
    return this.places.filter(({ sentUtcMs }) => Date.now() - sentUtcMs() < 500).length;
  }

  /** How long after the touch its bridge sent the newest frame; 0: none since. */
  sensorMs({ bed, touchedUtcMs }: Pick<Stopped, "bed" | "touchedUtcMs">): number {
    const sentUtcMs = this.places.find((place) => place.bed === bed)?.sentUtcMs() ?? Number.NaN;
    return Math.max(0, sentUtcMs - touchedUtcMs);
  }

  /** What the audit log says of the time from a touch to its stop: one entry for each purpose that stopped. */
  auditedMs(): number[] {
    const db = openForReading(join(this.ward.dataDir, "ward.sqlite"));
    try {
      const rows = db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Uint8Array[];
      return rows.flatMap((bytes) => {
        const read = readEntry(new Uint8Array(bytes));
        const ms = read.ok ? read.entry.detail.touchToStopMs : undefined;
        return typeof ms === "number" ? [ms] : [];
      });
    } finally {
      db.close();
    }
  }

  /** The bridge hears no lease and no stop any more, and nobody hears its status. */
  cutControl(): void {
    this.controlTap.cut();
  }

  async stop(place: Place, how: Stopping): Promise<Stopped> {
    const streamingRooms = this.streaming();
    place.tiles = [];
    const touchedUtcMs = await this.touch(place, how);
    place.off = how;
    const decided = await this.ward.until(`${place.bed} to be told as off`, () =>
      place.tiles.find(({ tile }) => tile.at >= touchedUtcMs && !isOn(tile)),
    );
    await sleep(watchedMs);
    const { framesAccepted } = decided.tile.engineering;
    const later = place.tiles.findLast(({ tile }) => tile.engineering.framesAccepted > framesAccepted);
    return {
      bed: place.bed,
      how,
      by: place.page === undefined ? "door" : "browser",
      streamingRooms,
      touchedUtcMs,
      acceptedMs: (later ?? decided).tile.at - touchedUtcMs,
      sensorMs: this.sensorMs({ bed: place.bed, touchedUtcMs }),
      stationMs: decided.heardUtcMs - touchedUtcMs,
    };
  }

  /** Resolves once its sensor streams and the agent takes it. */
  async turnOn(place: Place): Promise<void> {
    const askedUtcMs = Date.now();
    if (place.off === "pause") await this.ask(place, { do: "resume" });
    else for (const purpose of sensingPurposes) await this.ask(place, { do: "turn-on", purpose });
    place.off = undefined;
    await this.ward.until(`${place.bed} to stream`, () => {
      const tile = place.tiles.at(-1)?.tile;
      return place.sentUtcMs() > askedUtcMs && tile !== undefined && tile.at > askedUtcMs && tile.dataAgeMs !== null;
    });
  }

  async close(): Promise<void> {
    this.screen?.terminate();
    await this.browser?.close();
    await this.ward.stop();
    for (const tap of this.taps) await tap.stop();
  }

  /** When the person touched, ms since 1970; of two touches the second. */
  private async touch(place: Place, how: Stopping): Promise<number> {
    const { page } = place;
    if (page !== undefined) return touchPage(page, how);
    const touchedUtcMs = Date.now();
    if (how === "pause") await this.ask(place, { do: how, minutes: 15 });
    if (how === "stop-everything") await this.ask(place, { do: how });
    if (how !== "turn-off") return touchedUtcMs;
    await this.ask(place, { do: how, purpose: "movement-alerts" });
    const againUtcMs = Date.now();
    await this.ask(place, { do: how, purpose: "breathing-rate" });
    return againUtcMs;
  }

  private async ask({ bed, stay, session }: Place, ask: Partial<RoomAsk>): Promise<void> {
    const touchedAtMs = performance.now();
    const answer = await fetch(`${this.pages}/asks`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        cookie: `qr_bedside=${session}`,
        origin: this.pages,
        "x-quietround": "bedside",
        "x-quietround-touched-ms-ago": (performance.now() - touchedAtMs).toFixed(1),
      },
      body: JSON.stringify({ bed, stay, ...ask }),
    });
    if (!answer.ok) throw new Error(`${ask.do} was answered by ${answer.status}: ${await answer.text()}`);
  }
}

const isOn = ({ consents }: Tile): boolean =>
  consents.some(({ purpose, state }) => sensingPurposes.includes(purpose) && allowingStates.includes(state));

async function touchPage(page: Page, how: Stopping): Promise<number> {
  if (how === "turn-off") {
    for (const purpose of sensingPurposes) {
      await page.locator(`[data-purpose=${purpose}] [data-act=turn-off]`).tap();
    }
  } else await page.locator(how === "pause" ? "[data-act=pause-0]" : "[data-act=stop]").tap();
  return page.evaluate(() => (window as unknown as { touchedAtUtcMs: number }).touchedAtUtcMs);
}
