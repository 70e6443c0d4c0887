import { consentMark } from "../../edge-agent/contract/consent-mark.ts";
import { clockWords } from "./age-words.ts";
import type { StationSound } from "./alarm-signals/station-sound.ts";
import { alertsOf, worstWaiting } from "./components/alert-list/alert-list.ts";
import { alertStrip } from "./components/alert-list/alert-strip.ts";
import type { Bed } from "./components/bed-tile/bed-view.ts";
import { sensorWords } from "./components/bed-tile/bed-words.ts";
import { liveBanner } from "./components/live-banner/live-banner.ts";
import { engineeringWords } from "./components/person/engineering-words.ts";
import { orderWords } from "./components/person/order-words.ts";
import { agentUtcMs, hearBeds, type Place, unheardBeds } from "./heard-beds.ts";
import type { Liveness, LiveSource } from "./live-connection.ts";
import { part } from "./part.ts";
import { PersonHistoryPart } from "./person-history.ts";
import { draw, h } from "./render.ts";
import { type ShownAlarms, shownAlarms } from "./shown-alarms.ts";

/** A page that could not be read again is tried again after this long. */
const tryAgainMs = 3_000;

/**
 * What goes on by itself on the pages of one bed: the alerts of the whole ward, whether the screen is live, and the consent
 * card, which the server renders again when the agent says that something changed.
 */
export class PersonPage {
  private readonly bed: string;
  private readonly sound: StationSound;
  private beds: Bed[];
  private readonly hours: PersonHistoryPart | null;
  private liveness: Liveness = { notLive: null };
  private shown: ShownAlarms | null = null;
  private reading = false;
  private triedAtMs = Number.NEGATIVE_INFINITY;

  constructor(bed: string, places: readonly Place[], sound: StationSound) {
    this.bed = bed;
    this.sound = sound;
    this.beds = unheardBeds(places);
    // Pages with a form, and a bed that is free, have none.
    this.hours = document.getElementById("last-hours") === null ? null : new PersonHistoryPart(bed);
  }

  start(source: LiveSource): void {
    this.sound.start();
    const shown = shownAlarms(source);
    this.shown = shown;
    source.start(
      (message, lagMs) => {
        shown.hear(message);
        this.beds = hearBeds(this.beds, message, performance.now(), lagMs);
        if (message.is === "ward") this.sound.hearWard(message.state);
        this.redraw();
      },
      (liveness) => {
        this.liveness = liveness;
        this.redraw();
      },
    );
    document.getElementById("faults")?.focus();
    this.redraw();
    this.hours?.start();
  }

  private redraw(): void {
    const live = this.liveness.notLive === null;
    const now = performance.now();
    const alerts = alertsOf(this.beds, now);
    this.sound.update({ alerts, live, nowUtcMs: agentUtcMs(this.beds, now) });
    draw(part("clock"), [clockWords(Date.now())]);
    draw(part("live-state"), [live ? "Live" : "Not live"]);
    part("live-state").dataset.live = String(live);
    draw(part("not-live"), liveBanner(this.liveness.notLive));
    draw(part("alarm-strip"), [alertStrip(alerts)]);
    const worst = worstWaiting(alerts);
    this.shown?.drawn(worst === null ? [] : [worst.alert]);
    this.drawDetails();
    void this.keepCard();
  }

  private drawDetails(): void {
    const tile = this.beds.find(({ bed }) => bed === this.bed)?.heard?.tile;
    const [order, sensor] = [document.getElementById("order"), document.getElementById("sensor")];
    if (tile === undefined || order === null || sensor === null) return;
    draw(
      order,
      orderWords(tile.order).map((words) => h("p", {}, words)),
    );
    const state = tile.sensor.state === "on" ? "The sensor is on" : sensorWords[tile.sensor.state];
    draw(sensor, [
      h("p", {}, `${state} (${tile.sensor.detail}).`),
      ...engineeringWords(tile).map((words) => h("p", { class: "qr-box__counts" }, words)),
    ]);
  }

  private async keepCard(): Promise<void> {
    const card = document.getElementById("card");
    const heard = this.beds.find(({ bed }) => bed === this.bed)?.heard?.tile;
    if (card === null || heard === undefined || consentMark(heard) === part("maincontent").dataset.mark) return;
    if (this.reading || performance.now() - this.triedAtMs < tryAgainMs) return;
    this.reading = true;
    try {
      await this.readCard(card);
    } catch {
      // The server is away: the banner says so, and it is tried again.
    } finally {
      this.reading = false;
    }
  }

  private async readCard(card: HTMLElement): Promise<void> {
    this.triedAtMs = performance.now();
    const response = await fetch(`/person/${this.bed}`, { redirect: "follow" });
    if (response.redirected) return location.assign("/");
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const [fresh, main] = [page.getElementById("card"), page.getElementById("maincontent")];
    if (fresh === null || main === null) return;
    const focused = card.contains(document.activeElement) ? document.activeElement : null;
    const wasOpen = card.querySelector("details")?.open ?? false;
    const near = focused?.closest("[data-purpose]")?.querySelector("h3")?.id ?? "place-title";
    const hours = document.getElementById("last-hours");
    card.replaceChildren(...fresh.childNodes);
    if (hours !== null && this.hours !== null) {
      document.getElementById("last-hours")?.replaceWith(hours);
      this.hours.readAnew();
    }
    part("maincontent").dataset.mark = main.dataset.mark ?? "";
    const history = card.querySelector("details");
    if (history !== null) history.open = wasOpen;
    // What the keyboard was on is gone: from the page's body its next step would lead nowhere.
    if (focused !== null) document.getElementById(near)?.focus();
    draw(part("announce"), [h("p", { key: main.dataset.mark ?? "" }, "The consent has changed.")]);
    // What changes next is read at once; a card that is still another one, only after a while: each reading is in the log.
    const heard = this.beds.find(({ bed }) => bed === this.bed)?.heard?.tile;
    if (consentMark(heard) === main.dataset.mark) this.triedAtMs = Number.NEGATIVE_INFINITY;
    this.drawDetails();
  }
}
