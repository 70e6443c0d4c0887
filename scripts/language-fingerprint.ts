import { fingerprintOf } from "../dashboard/server/language-fingerprint.ts";
import { readLanguages } from "../dashboard/server/spoken-languages.ts";

/* For the reviewer of a translation: prints what goes into its file as "reviewed" (docs/translating.md). */

const known = readLanguages();
const wanted = process.argv[2];
const language = known.find(({ code }) => code === wanted);
if (language === undefined) {
  console.error(`Which language? Give one of: ${known.map(({ code }) => code).join(", ")}`);
  process.exitCode = 2;
} else {
  const on = new Date().toISOString().slice(0, 10);
  console.log(`"reviewed": ${JSON.stringify({ by: "your name", on, fingerprint: fingerprintOf(language) })}`);
}
