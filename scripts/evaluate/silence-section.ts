import { openRadarModels } from "../radar-run.ts";
import { disturbers, silentEpisodes } from "./radar-silence.ts";
import { row, type Section } from "./section.ts";
import { poissonInterval } from "./statistics.ts";

/** Ten-minute scenes, six to the hour. */
const scenesPerHour = 6;
const hours = { quick: 0.5, full: 10 };

export const silenceSections: readonly Section[] = (["empty", "lifeless"] as const).map((bed) => ({
  name: `silence-${bed}`,
  title: bed === "empty" ? "Empty room beside what moves in it" : "A lifeless body beside what moves in the room",
  seconds: { quick: 26, full: 525 },
  async run(context) {
    const radar = await openRadarModels();
    const rows = [];
    const scenes = Math.round((context.quick ? hours.quick : hours.full) * scenesPerHour);
    for (const [k, kind] of disturbers.entries()) {
      let episodes = 0;
      let played = 0;
      let occupiedSec = 0;
      for (let index = 0; index < scenes; index++) {
        const found = await silentEpisodes(bed, kind, index, radar);
        episodes += found.episodes;
        played += found.hours;
        occupiedSec += found.occupiedSec;
        context.progress((k + (index + 1) / scenes) / disturbers.length, `${bed}, ${kind}`);
      }
      const [low, high] = poissonInterval(episodes);
      rows.push(
        row({
          condition: `${bed} bed, ${kind}, radar alone`,
          figure: "episodes of a shown rate in 10 h",
          value: (10 * episodes) / played,
          unit: "",
          ci95: [(10 * low) / played, (10 * high) / played],
          n: Math.round(played * 10) / 10,
          target: { atMost: 1 },
          nMin: hours.full,
        }),
        row({
          condition: `${bed} bed, ${kind}, radar alone`,
          figure: "time called occupied",
          value: (100 * occupiedSec) / (3600 * played),
          unit: "%",
          n: Math.round(played * 10) / 10,
        }),
      );
    }
    return {
      rows,
      figures: [],
      notes: ["n is in hours of ten-minute scenes, each with a room and a disturber of its own."],
    };
  },
}));
