import { longRadar } from "../../edge-agent/perception/radar-breathing.ts";
import { openModel } from "../radar-run.ts";
import { playQuietHour, playStop } from "./cessation-play.ts";
import { row, type Section } from "./section.ts";
import {
  clopperPearson,
  episodesFor99Percent,
  nightsForRate,
  poissonInterval,
  quantile,
  quantileInterval,
} from "./statistics.ts";

const nightHours = 10;

export const cessation: Section = {
  name: "cessation",
  title: "Breath that stops for 20 s and more: a prompt to look",
  seconds: { quick: 16, full: 135 },
  async run(context) {
    const model = await openModel(longRadar);
    const episodes = context.quick ? 60 : episodesFor99Percent;
    const found = [];
    for (let index = 0; index < episodes; index++) {
      found.push(await playStop(index, [10, 30], model));
      context.progress((0.6 * (index + 1)) / episodes, "stops");
    }
    const weak = [];
    for (let index = 0; index < episodes / 5; index++) {
      weak.push(await playStop(10_000 + index, [-12, -4], model));
      context.progress(0.6 + (0.4 * (index + 1)) / (episodes / 5), "stops behind noise");
    }
    const delays = found.flatMap(({ delaySec }) => (delaySec === null ? [] : [delaySec]));
    const hits = delays.length;
    const share = clopperPearson(hits, episodes);
    const stoppedWhenWeak = weak.filter(({ word }) => word === "stopped").length;
    const silentWhenWeak = weak.filter(({ word }) => word === "seen" || word === "unknown").length;
    return {
      rows: [
        row({
          condition: "person still, IQ SNR 10-30 dB",
          figure: "stops found",
          value: (100 * hits) / episodes,
          unit: "%",
          ci95: [100 * share[0], 100 * share[1]],
          n: episodes,
          target: { atLeast: 99 },
          nMin: episodesFor99Percent,
        }),
        row({
          condition: "person still, IQ SNR 10-30 dB",
          figure: "delay after the last breath, 95th percentile",
          value: quantile(delays, 0.95),
          unit: "s",
          ci95: quantileInterval(delays, 0.95),
          n: hits,
          target: { atMost: 23 },
          nMin: 100,
        }),
        row({
          condition: "behind noise, IQ SNR -12 to -4 dB",
          figure: '"not breathing" said',
          value: (100 * stoppedWhenWeak) / weak.length,
          unit: "%",
          n: weak.length,
          target: { atMost: 0 },
          nMin: 100,
        }),
        row({
          condition: "behind noise, IQ SNR -12 to -4 dB",
          figure: "nothing said",
          value: (100 * silentWhenWeak) / weak.length,
          unit: "%",
          n: weak.length,
          target: { atMost: 0 },
          nMin: 100,
        }),
      ],
      figures: [],
      notes: [
        "Stops of 20 to 60 s after 50 to 90 s of breathing; heartbeat and sway go on. A stop shorter than the time to the prompt counts as missed.",
      ],
    };
  },
};

/** In a night. */
const promptsMax = 0.1;
/** So many nights are played however many prompts there were. */
const nightsMin = 2;

const surelyMissed = (prompts: number, nights: number): boolean =>
  nights >= nightsMin && poissonInterval(prompts)[0] / nights > 2 * promptsMax;

export const quietNights: Section = {
  name: "quiet-nights",
  title: "Nights without a stop: prompts that nobody needed",
  // Where nothing ends it before its time.
  seconds: { quick: 33, full: 1_960 },
  async run(context) {
    const model = await openModel(longRadar);
    const planned = context.quick ? 5 : nightHours * nightsForRate(promptsMax);
    let hours = 0;
    let prompts = 0;
    let cannotSeeSec = 0;
    // More nights would not turn what is surely a miss.
    for (let index = 0; hours < planned && !surelyMissed(prompts, hours / nightHours); index++) {
      hours += 1;
      const hour = await playQuietHour(index, model);
      prompts += hour.falsePrompts;
      cannotSeeSec += hour.cannotSeeSec;
      context.progress(hours / planned, `hour ${hours} of ${planned}`);
    }
    const nights = hours / nightHours;
    const [low, high] = poissonInterval(prompts);
    return {
      rows: [
        row({
          condition: "10 h with turning, sighs, slow breathers and Cheyne-Stokes",
          figure: "false prompts in a night",
          value: prompts / nights,
          unit: "",
          ci95: [low / nights, high / nights],
          n: nights,
          target: { atMost: promptsMax },
          nMin: nightsForRate(promptsMax),
        }),
        row({
          condition: "10 h with turning, sighs, slow breathers and Cheyne-Stokes",
          figure: 'time in "cannot see breathing"',
          value: (100 * cannotSeeSec) / (3600 * hours),
          unit: "%",
          n: nights,
        }),
      ],
      figures: [],
      notes: [
        "n is in nights of ten hours, each hour with a person and a room of its own. A fifth of them breathe at 5.5-7 /min, a fifth wax and wane with stops of 8-14 s.",
      ],
    };
  },
};
