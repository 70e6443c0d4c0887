import type { LiveMessage } from "../../edge-agent/contract/live.ts";
import type { WardState } from "../../edge-agent/contract/ward-state.ts";
import { clockWords, dayWords } from "./age-words.ts";
import type { StationSound } from "./alarm-signals/station-sound.ts";
import type { AskAgent } from "./ask.ts";
import { OutcomeDesk } from "./components/alarm-outcome/outcome-desk.ts";
import { chainLine } from "./components/alarm-sound/chain-line.ts";
import { type Alert, alertList, alertsOf } from "./components/alert-list/alert-list.ts";
import { floodLine } from "./components/alert-list/flood-line.ts";
import { bedTile } from "./components/bed-tile/bed-tile.ts";
import { type Bed, bedView, isSilent } from "./components/bed-tile/bed-view.ts";
import { dueChecks, dueList } from "./components/checks/check-line.ts";
import { liveBanner } from "./components/live-banner/live-banner.ts";
import { thumbBar } from "./components/thumb-bar/thumb-bar.ts";
import { agentUtcMs, hearBeds, type Place, unheardBeds } from "./heard-beds.ts";
import type { Liveness, LiveSource } from "./live-connection.ts";
import { part } from "./part.ts";
import { draw, h } from "./render.ts";
import { type ShownAlarms, shownAlarms } from "./shown-alarms.ts";
import { soon } from "./soon.ts";

/** The nurse station of one ward: beds in floor order, and alerts by urgency. */
export class NurseStation {
  private beds: Bed[];
  private readonly ask: AskAgent;
  private readonly outcomes: OutcomeDesk;
  private readonly sound: StationSound;
  private readonly going = new Set<string>();
  private readonly announced = new Set<string>();
  private liveness: Liveness = { notLive: null };
  private failed: string | null = null;
  private shown: ShownAlarms | null = null;
  private chain: WardState["chainTest"] = null;
  private raisedLately = 0;
  private readonly places: readonly Place[];

  constructor(places: readonly Place[], ask: AskAgent, sound: StationSound) {
    this.places = places;
    this.beds = unheardBeds(places);
    this.ask = ask;
    this.outcomes = new OutcomeDesk(ask);
    this.sound = sound;
  }

  start(source: LiveSource): void {
    this.sound.start();
    const shown = shownAlarms(source);
    this.shown = shown;
    const redrawSoon = soon(() => this.redraw());
    source.start(
      (message: LiveMessage, lagMs) => {
        this.beds = hearBeds(this.beds, message, performance.now(), lagMs);
        shown.hear(message);
        if (message.is === "ward") this.hearWard(message.state);
        redrawSoon();
      },
      (liveness) => {
        this.liveness = liveness;
        this.redraw();
      },
    );
    this.redraw();
  }

  private redraw(): void {
    const now = performance.now();
    const live = this.liveness.notLive === null;
    const alerts = alertsOf(this.beds, now);
    // First: whatever else goes wrong with this page, it sounds.
    this.sound.update({ alerts, live, nowUtcMs: agentUtcMs(this.beds, now) });
    draw(part("clock"), [clockWords(Date.now())]);
    draw(part("day"), [dayWords(Date.now())]);
    draw(part("live-state"), [live ? "Live" : "Not live"]);
    part("live-state").dataset.live = String(live);
    draw(part("not-live"), liveBanner(this.liveness.notLive));
    draw(
      part("beds"),
      this.beds.map((bed) => bedTile(bed, bedView(bed, now, live))),
    );
    const due = dueChecks(this.beds, now, (bed) => isSilent(bed, now, live));
    const utcMs = agentUtcMs(this.beds, now);
    draw(
      part("chain"),
      chainLine(this.chain, (device) => this.roomsOf(device), utcMs),
    );
    draw(part("dues"), dueList(due));
    draw(part("no-dues"), due.length === 0 ? ["Nobody has to be checked just now."] : []);
    draw(part("flood"), floodLine(this.raisedLately));
    draw(
      part("alerts"),
      alertList(alerts, this.going, (alert) => void this.goNow(alert)),
    );
    draw(part("thumb"), [thumbBar(alerts, this.going, (alert) => void this.goNow(alert))]);
    draw(
      part("no-alerts"),
      alerts.length === 0 ? [live ? "No alerts." : "Alerts are not known while this is not live."] : [],
    );
    draw(part("failed"), this.failed === null ? [] : [this.failed]);
    this.outcomes.show(this.beds);
    this.announce(alerts);
    this.shown?.drawn(alerts);
  }

  private hearWard(state: WardState): void {
    this.chain = state.chainTest;
    this.raisedLately = state.raisedLately;
    this.sound.hearWard(state);
  }

  private roomsOf(device: string): string[] {
    return this.places.filter((place) => place.device === device).map(({ name }) => name);
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
}
