import type { BedsidePlace } from "../bedside.ts";
import { BedsideState } from "../bedside-state.ts";
import { liveSource } from "../live-connection.ts";
import { part } from "../part.ts";
import { offerReading } from "../read-aloud.ts";
import { goTo, guardWays } from "../safe-ways.ts";

/*
 * The pages behind the bedside screen come whole from the server. A screen that was revoked leaves them too, and one that
 * nobody touches goes back to what is on: nobody else should find somebody's page open.
 */

const idleMsMax = 180_000;
let touchedAt = performance.now();
for (const kind of ["pointerdown", "keydown", "scroll"]) {
  addEventListener(kind, () => {
    touchedAt = performance.now();
  });
}
/** Somebody who listens, or watches a film, touches nothing. */
const isAttending = (): boolean =>
  part("read-aloud").getAttribute("aria-pressed") === "true" ||
  [...document.querySelectorAll("video")].some(({ paused, ended }) => !paused && !ended);
const state = new BedsideState(JSON.parse(part("state").dataset.place ?? "{}") as BedsidePlace);
let going = false;
liveSource("bedside").start(
  (message) => state.hear(message),
  ({ notLive }) => {
    state.redraw(notLive === null);
    if (isAttending()) touchedAt = performance.now();
    if (going || performance.now() - touchedAt <= idleMsMax) return;
    going = true;
    void goTo("/bedside").then((went) => {
      going = went;
    });
  },
);
guardWays();
offerReading(part("read-aloud"), part("maincontent"));
