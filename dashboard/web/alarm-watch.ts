import { alertsOf } from "./components/alert-list/alert-list.ts";
import { alertStrip } from "./components/alert-list/alert-strip.ts";
import { liveBanner } from "./components/live-banner/live-banner.ts";
import { hearBeds, type Place, unheardBeds } from "./heard-beds.ts";
import type { Liveness, LiveSource } from "./live-connection.ts";
import { part } from "./part.ts";
import { draw } from "./render.ts";

/** The ward's alerts on a page that is about something else. */
export function watchAlarms(places: readonly Place[], source: LiveSource): void {
  let beds = unheardBeds(places);
  let liveness: Liveness = { notLive: null };
  const redraw = (): void => {
    const live = liveness.notLive === null;
    draw(part("live-state"), [live ? "Live" : "Not live"]);
    part("live-state").dataset.live = String(live);
    draw(part("not-live"), liveBanner(liveness.notLive));
    draw(part("alarm-strip"), [alertStrip(alertsOf(beds, performance.now()))]);
  };
  source.start(
    (message) => {
      beds = hearBeds(beds, message, performance.now());
      redraw();
    },
    (now) => {
      liveness = now;
      redraw();
    },
  );
}
