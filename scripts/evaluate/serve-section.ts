import type { Section } from "./section.ts";

/**
 * Runs one of `sections` in this process, which the evaluation has started for it: arguments are its name, the seed, and
 * quick or full; tells by messages. The process ends with the evaluation, however that ends.
 */
export async function serveSection(sections: readonly Section[], args = process.argv.slice(2)): Promise<void> {
  const [name, seed, pace] = args;
  const section = sections.find((one) => one.name === name);
  if (section === undefined || process.send === undefined) throw new Error("started by the evaluation only");
  const send = process.send.bind(process);
  process.once("disconnect", () => process.exit());
  const tell = (message: object): void => {
    send(message, undefined, undefined, () => process.disconnect());
  };
  try {
    const result = await section.run({
      quick: pace === "quick",
      seed: Number(seed),
      progress: (share, words) => {
        send({ kind: "progress", share, words: words ?? "" });
      },
    });
    tell({ kind: "result", result });
  } catch (error) {
    tell({ kind: "failed", words: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
