import type { Activation } from "../../edge-agent/contract/consent.ts";
import type { LiveMessage } from "../../edge-agent/contract/live.ts";
import type { Purpose } from "../../edge-agent/contract/words.ts";
import { clockWords, dayWords } from "./age-words.ts";
import type { AskAgent } from "./ask.ts";
import { type Alert, alertList, alertsOf } from "./components/alert-list/alert-list.ts";
import { bedPanel, type PanelState, panelIds } from "./components/bed-panel/bed-panel.ts";
import { type Said, stillSaid } from "./components/bed-panel/said.ts";
import { bedTile } from "./components/bed-tile/bed-tile.ts";
import { type Bed, bedView } from "./components/bed-tile/bed-view.ts";
import { liveBanner } from "./components/live-banner/live-banner.ts";
import type { Liveness, LiveSource } from "./live-connection.ts";
import { part } from "./part.ts";
import { draw, h } from "./render.ts";

interface Place {
  readonly bed: string;
  readonly name: string;
}

/** The nurse station of one ward: beds in floor order, alerts by urgency, and a panel with the consents of one bed. */
export class NurseStation {
  private beds: Bed[];
  private readonly ask: AskAgent;
  private readonly going = new Set<string>();
  private readonly announced = new Set<string>();
  private liveness: Liveness = { notLive: null };
  private panel: PanelState | null = null;
  private failed: string | null = null;

  constructor(places: readonly Place[], ask: AskAgent) {
    this.beds = places.map((place) => ({ ...place, heard: null }));
    this.ask = ask;
  }

  start(source: LiveSource): void {
    const dialog = part("panel");
    dialog.addEventListener("close", () => {
      this.panel = null;
    });
    source.start(
      (message) => {
        this.hear(message);
        this.redraw();
      },
      (liveness) => {
        this.liveness = liveness;
        this.redraw();
      },
    );
    this.redraw();
  }

  private hear(message: LiveMessage): void {
    const now = performance.now();
    switch (message.is) {
      case "snapshot":
        this.beds = this.beds.map((bed) => {
          const found = message.tiles.find(({ tile }) => tile.bed === bed.bed);
          return { ...bed, heard: found === undefined ? null : { tile: found.tile, heardAtMs: now - found.waitedMs } };
        });
        break;
      case "tile":
        this.beds = this.beds.map((bed) =>
          bed.bed === message.tile.bed ? { ...bed, heard: { tile: message.tile, heardAtMs: now } } : bed,
        );
        break;
      case "bedside":
      case "heartbeat":
      case "signed-out":
        break;
    }
    const tile = this.beds.find(({ bed }) => bed === this.panel?.bed)?.heard?.tile;
    if (this.panel !== null && tile !== undefined) {
      this.panel = { ...this.panel, said: stillSaid(this.panel.said, tile) };
    }
  }

  private redraw(): void {
    const now = performance.now();
    const live = this.liveness.notLive === null;
    const alerts = alertsOf(this.beds, now);
    draw(part("clock"), [clockWords(Date.now())]);
    draw(part("day"), [dayWords(Date.now())]);
    draw(part("live-state"), [live ? "Live" : "Not live"]);
    part("live-state").dataset.live = String(live);
    draw(part("not-live"), liveBanner(this.liveness.notLive));
    draw(
      part("beds"),
      this.beds.map((bed) => bedTile(bed, bedView(bed, now, live), () => this.openPanel(bed.bed))),
    );
    draw(
      part("alerts"),
      alertList(alerts, this.going, (alert) => void this.goNow(alert)),
    );
    draw(
      part("no-alerts"),
      alerts.length === 0 ? [live ? "No alerts." : "Alerts are not known while this is not live."] : [],
    );
    draw(part("failed"), this.failed === null ? [] : [this.failed]);
    this.announce(alerts);
    this.redrawPanel(alerts);
  }

  /** Read out once each time it comes up or comes back, and not again at each tick of its age. */
  private announce(alerts: readonly Alert[]): void {
    const raising = ({ id, raisedAt }: Alert): string => `${id} ${raisedAt}`;
    const fresh = alerts.filter((alert) => alert.presence !== "ack" && !this.announced.has(raising(alert)));
    if (fresh.length === 0) return;
    for (const alert of fresh) this.announced.add(raising(alert));
    const said = fresh.map(({ bedName, words, priority }) => `${bedName}: ${words}, ${priority}.`);
    draw(part("announce"), [h("p", { key: fresh.map(raising).join(" ") }, said.join(" "))]);
  }

  private async goNow({ id, bed }: Alert): Promise<void> {
    this.going.add(id);
    this.redraw();
    const asked = await this.ask({ do: "acknowledge", bed, alarm: id, going: true });
    this.going.delete(id);
    this.failed = asked.ok ? null : asked.words;
    this.redraw();
  }

  private openPanel(bed: string): void {
    this.panel = { bed, offering: null, busy: false, said: null, pairing: null, focusId: panelIds.title };
    this.redrawPanel();
    const dialog = part("panel");
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  }

  private redrawPanel(alerts = alertsOf(this.beds, performance.now())): void {
    const { panel } = this;
    const bed = this.beds.find((one) => one.bed === panel?.bed);
    if (panel === null || bed === undefined) return;
    const content = part("panel-content");
    const hadFocus = content.contains(document.activeElement);
    draw(
      content,
      bedPanel(bed, panel, alerts, this.liveness.notLive === null, {
        readOffer: (purpose) => this.change({ offering: purpose, said: null, focusId: panelIds.offer }),
        offer: (purpose) => void this.tell("offer", purpose, "Offered. The person decides on the bedside screen."),
        turnOff: (purpose) => void this.tell("turn-off", purpose, "The ward computer confirmed: turned off."),
        invite: () => void this.invite(),
        back: () => this.change({ offering: null, focusId: consentId(panel.offering) }),
        close: () => {
          const dialog = part("panel");
          if (dialog instanceof HTMLDialogElement) dialog.close();
        },
      }),
    );
    // What the keyboard was on is gone: from the page's body its next step would lead nowhere.
    if (hadFocus && !content.contains(document.activeElement)) document.getElementById(panel.focusId)?.focus();
  }

  private change(part: Partial<PanelState>): void {
    if (this.panel === null) return;
    this.panel = { ...this.panel, ...part };
    this.redrawPanel();
  }

  private async tell(act: "offer" | "turn-off", purpose: Purpose, doneWords: string): Promise<void> {
    const opened = this.panel;
    const tile = this.beds.find(({ bed }) => bed === opened?.bed)?.heard?.tile;
    const stay = tile?.stay?.id;
    const before = tile?.consents.find((consent) => consent.purpose === purpose);
    if (opened === null || stay === undefined || before === undefined) return;
    this.change({ busy: true, said: null, focusId: panelIds.consent(purpose) });
    const place = { bed: opened.bed, stay, purpose };
    const asked = await this.ask(act === "offer" ? { do: act, ...place, activation: madeUp } : { do: act, ...place });
    if (this.panel?.bed !== opened.bed) return;
    const now = asked.ok ? (act === "offer" ? "offered" : "withdrawn") : null;
    this.say({ words: asked.ok ? doneWords : asked.words, about: { purpose, before, now } });
  }

  /** The tile may have moved on before the answer came: then what the answer says is over already. */
  private say(said: Said): void {
    const tile = this.beds.find(({ bed }) => bed === this.panel?.bed)?.heard?.tile;
    this.change({ busy: false, offering: null, said: tile === undefined ? said : stillSaid(said, tile) });
  }

  private async invite(): Promise<void> {
    const opened = this.panel;
    if (opened === null) return;
    this.change({ busy: true, said: null, focusId: panelIds.code });
    const asked = await this.ask({ do: "invite-bedside", bed: opened.bed });
    if (this.panel?.bed !== opened.bed) return;
    if (asked.ok && asked.result.is === "code") this.change({ busy: false, pairing: asked.result });
    else this.say({ words: asked.ok ? "No code came back. Try again." : asked.words, about: null });
  }
}

const madeUp: Activation = {
  concern: "sleep-broken-by-checks",
  alternatives: ["checks-in-person-only"],
  words: null,
  reviewAfterHours: 168,
  hours: null,
  askAgainEveryHours: null,
};
const consentId = (purpose: Purpose | null): string => (purpose === null ? panelIds.title : panelIds.consent(purpose));
