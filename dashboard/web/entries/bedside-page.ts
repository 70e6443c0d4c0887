import { liveSource } from "../live-connection.ts";
import { part } from "../part.ts";
import { offerReading } from "../read-aloud.ts";

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
liveSource("bedside").start(
  () => {},
  () => {
    if (performance.now() - touchedAt > idleMsMax && !speechSynthesis.speaking) location.assign("/bedside");
  },
);
offerReading(part("read-aloud"), part("maincontent"));
