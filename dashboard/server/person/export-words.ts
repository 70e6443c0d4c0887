import type { PersonExport } from "../../../edge-agent/records/person-export.ts";
import { momentWords } from "./moment-words.ts";
import { recordParts } from "./record-parts.ts";

/** For somebody who reads no JSON: what there is, how much, and the main things line by line. */
export function plainExport(read: PersonExport, nowUtcMs: number, timeZone: string): string {
  const moment = (utcMs: unknown): string => (typeof utcMs === "number" ? momentWords(utcMs, nowUtcMs, timeZone) : "");
  const { label, bed, started_at: since, ended_at: until } = read.stay;
  const stayed = until === null ? `since ${moment(since)}` : `${moment(since)} to ${moment(until)}`;
  const parts = recordParts(read, nowUtcMs, timeZone).map(({ title, lines }) => {
    const listed = lines.length === 0 ? "Nothing." : lines.map((line) => `- ${line}`).join("\n");
    return `${title}\n${"-".repeat(title.length)}\n${listed}\n`;
  });
  return `Everything that is kept about you in this ward's system

You are called "${String(label)}" here. You are in ${String(bed)}, ${stayed}.

What the sensors measured is a distance. No picture and no sound of you was ever kept: there is none that could be given to you.
The same as below, and all of it, is in everything.json; what the sensors told is in sensor-readings.csv.

${parts.join("\n")}
If something is wrong, ask staff to correct it: what was written is not changed, and the correction stands beside it.
You can also ask your advocate, or the Information Commissioner (ico.org.uk, 0303 123 1113).
`;
}
