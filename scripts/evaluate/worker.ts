import { sections } from "./sections.ts";

/** Runs one section in a process of its own: arguments are its name, the seed, and quick or full; tells by messages. */
const [name, seed, pace] = process.argv.slice(2);
const section = sections.find((one) => one.name === name);
if (section === undefined || process.send === undefined) throw new Error("started by the evaluation only");
const send = process.send.bind(process);
const result = await section.run({
  quick: pace === "quick",
  seed: Number(seed),
  progress: (share, words) => {
    send({ kind: "progress", share, words: words ?? "" });
  },
});
send({ kind: "result", result }, undefined, undefined, () => process.disconnect());
