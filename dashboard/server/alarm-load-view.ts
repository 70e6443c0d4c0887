import { alarmCatalogue } from "../../edge-agent/contract/alarm-catalogue.ts";
import { type AlarmLoad, ignoredFrom } from "../../edge-agent/contract/alarm-load.ts";

/** How loud the ward is, in figures and words for a governance lead. A figure of nothing is null. */
export function alarmLoadView(load: AlarmLoad) {
  const { raised, raisedAtNight, bedNights, nurseHours, closed, falseAlarms, answerP50Ms, answerP90Ms } = load;
  return {
    raised,
    perBedNight: ratio(raisedAtNight, bedNights),
    perNurseHour: ratio(raised, nurseHours),
    floods: load.floods,
    mostWithin: load.mostWithin,
    closed,
    falseShare: closed === 0 ? null : `${Math.round((100 * falseAlarms) / closed)} %`,
    answerP50: seconds(answerP50Ms),
    answerP90: seconds(answerP90Ms),
    ignored: load.conditions
      .filter(({ raised: times, answered }) => times >= ignoredFrom && answered === 0)
      .map(({ condition, raised: times }) => `${alarmCatalogue[condition].words} (${times} times)`),
    rows: load.conditions.map(({ condition, ...counts }) => ({ words: alarmCatalogue[condition].words, ...counts })),
  };
}

/** Of less than one there is no figure: a single alarm would be many a night. */
const ratio = (count: number, of: number): string | null => (of < 1 ? null : (count / of).toFixed(1));

const seconds = (ms: number | null): string | null =>
  ms === null ? null : ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
