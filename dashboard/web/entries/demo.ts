import type { LiveMessage } from "../../../edge-agent/contract/live.ts";
import type { Tile } from "../../../edge-agent/contract/tile.ts";
import { nobodyAsked, StationSound } from "../alarm-signals/station-sound.ts";
import type { AskAgent } from "../ask.ts";
import { Bedside, type BedsidePlace } from "../bedside.ts";
import { outcomeList } from "../components/alarm-outcome/alarm-outcome.ts";
import { endingsOf } from "../components/alarm-outcome/endings.ts";
import { outcomeFixtures } from "../components/alarm-outcome/fixtures.ts";
import { soundFixtures } from "../components/alarm-sound/fixtures.ts";
import { bedTile } from "../components/bed-tile/bed-tile.ts";
import { bedView } from "../components/bed-tile/bed-view.ts";
import { bedTileFixtures, wardFixtures } from "../components/bed-tile/fixtures.ts";
import { type BedsideFixture, bedsideFixtures, fixtureUtcMs } from "../components/bedside/fixtures.ts";
import type { LiveSource } from "../live-connection.ts";
import { NurseStation } from "../nurse-station.ts";
import { part } from "../part.ts";
import { draw, h } from "../render.ts";

/* The demonstration page: the same pages and components, fed with fixtures instead of the live feed. */

const query = new URLSearchParams(location.search);
const nobodyToAsk: AskAgent = async () => ({
  ok: false,
  words: "This is a picture: nobody is asked.",
  signedOut: false,
  unheard: false,
});

/** One message again and again, as the live feed does. */
function still(message: LiveMessage, live: boolean): LiveSource {
  return {
    say: () => true,
    start(onMessage, onLook) {
      const tell = (): void => {
        onMessage(message, 0);
        onLook({ notLive: live ? null : "agent-silent" });
      };
      tell();
      setInterval(tell, 1_000);
    },
  };
}

function showWard(name: string): void {
  if (query.get("light") === "night") document.documentElement.dataset.light = "night";
  if (query.get("light") === "day") delete document.documentElement.dataset.light;
  const places = JSON.parse(part("beds").dataset.places ?? "[]") as { bed: string; name: string }[];
  const fixtures = wardFixtures[name] ?? wardFixtures.calm ?? [];
  const tiles = places.flatMap(({ bed, name: bedName }, index) => {
    const fixture = fixtures[index];
    if (fixture === undefined) return [];
    const tile: Tile = bedTileFixtures[fixture];
    const alarms = tile.alarms.map((alarm) => ({ ...alarm, id: `${bed}-${alarm.id}` }));
    return [{ tile: { ...tile, bed, bedName, alarms }, waitedMs: 0 }];
  });
  const sound = new StationSound("board", { ...nobodyAsked, off: query.has("charge") ? () => {} : null });
  const wardSound = Object.entries(soundFixtures).find(([key]) => key === query.get("sound"))?.[1];
  sound.hearWard(wardSound ?? soundFixtures.tested);
  new NurseStation(places, nobodyToAsk, sound).start(still({ is: "snapshot", tiles }, name !== "not-live"));
}

function showBedside(name: string): void {
  const named = Object.entries(bedsideFixtures).find(([key]) => key === name)?.[1];
  const { view, live, wishing }: BedsideFixture = named ?? bedsideFixtures.on;
  const place = JSON.parse(part("glance").dataset.place ?? "{}") as BedsidePlace;
  const light = query.get("light") === "day" ? "day" : "night";
  const screen = new Bedside({ ...place, light }, nobodyToAsk, wishing);
  screen.start(still({ is: "bedside", view, waitedMs: 0, utcMs: fixtureUtcMs }, live));
}

function showGallery(): void {
  const link = (href: string, words: string) => h("li", {}, h("a", { href }, words));
  draw(part("gallery"), [
    h("h2", { class: "nhsuk-heading-m" }, "Nurse station"),
    h(
      "ul",
      { class: "qr-links" },
      ...Object.keys(wardFixtures).map((name) => link(`/demo/ward?fixture=${name}`, name)),
    ),
    h("h2", { class: "nhsuk-heading-m" }, "Sound of the nurse station"),
    h(
      "ul",
      { class: "qr-links" },
      ...Object.keys(soundFixtures).map((name) => link(`/demo/ward?fixture=alarm&sound=${name}`, name)),
      link("/demo/ward?fixture=calm&charge=1", "nurse in charge"),
    ),
    h("h2", { class: "nhsuk-heading-m" }, "Bedside screen"),
    h(
      "ul",
      { class: "qr-links" },
      ...Object.keys(bedsideFixtures).map((name) => link(`/demo/bedside?fixture=${name}`, name)),
    ),
    h("h2", { class: "nhsuk-heading-m" }, "Bed tile"),
    h(
      "ul",
      { class: "qr-beds" },
      ...Object.entries(bedTileFixtures).map(([name, tile]) => {
        const bed = { bed: name, name, heard: { tile, heardAtMs: 0 } };
        return bedTile(bed, bedView(bed, 0, true));
      }),
    ),
    h("h2", { class: "nhsuk-heading-m" }, "How an alarm ended"),
    ...Object.entries(outcomeFixtures).flatMap(([name, tile]) => {
      const endings = endingsOf([{ bed: name, name, heard: { tile, heardAtMs: 0 } }]);
      const named = endings.map((ending) => ({ ...ending, id: `${name}-${ending.id}` }));
      return outcomeList(named, named[1]?.id ?? null, new Set(), { say: () => {}, askWhy: () => {} });
    }),
  ]);
}

switch (location.pathname) {
  case "/demo/ward":
    showWard(query.get("fixture") ?? "calm");
    break;
  case "/demo/bedside":
    showBedside(query.get("fixture") ?? "on");
    break;
  default:
    showGallery();
}
