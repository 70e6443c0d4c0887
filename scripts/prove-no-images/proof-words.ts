import type { Finding } from "./evidence.ts";
import type { RanWard } from "./marked-ward.ts";

export type Proof = Omit<RanWard, "evidence"> & { readonly searchedBytes: number; readonly finds: readonly Finding[] };

/** What was tried, what was found, and what the search could not see. Sound: nothing of either, and enough went through. */
export function proofWords(proof: Proof): { readonly lines: readonly string[]; readonly sound: boolean } {
  const { sent, accepted, heard, files, gone, swap, cores, finds, searchedBytes } = proof;
  const all = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  const { toldBytesPerHour, bytesPerHourMax } = proof;
  const told = Object.entries(toldBytesPerHour);
  const over = told.filter(([, bytes]) => !(bytes <= bytesPerHourMax));
  const silent = [...Object.entries(sent), ...Object.entries(accepted)].filter(([, count]) => count < 20);
  const lines = [
    `frames with the mark sent: ${all(sent)}; accepted by the agent: ${all(accepted)}`,
    `heard: ${all(heard)}`,
    `searched: ${files} files, ${(searchedBytes / 1_048_576).toFixed(1)} MB in all`,
    `told of each room in an hour: ${told.map(([bed, bytes]) => `${bed} ${(bytes / 1e6).toFixed(1)} MB`).join(", ")} of ${bytesPerHourMax / 1e6} MB`,
    ...over.map(([bed]) => `TOO MUCH was told of ${bed}`),
    ...gone.map((path) => `NOT SEARCHED ${path}: written and removed before it could be read`),
    ...cores.map((path) => `FOUND a picture of a process's memory: ${path}`),
    ...finds.map(({ where, how }) => `FOUND ${where}: ${how}`),
    ...silent.map(([name, count]) => `TOO FEW frames: ${name} ${count}`),
    ...(swap === "" ? [] : [`swap is on (${swap}): what was swapped out was not searched`]),
  ];
  const sound = finds.length + gone.length + cores.length + silent.length + over.length === 0 && told.length > 0;
  return { lines: [...lines, sound ? "nothing that could be looked at was kept" : "NOT PROVED"], sound };
}
