import { estimatesOfWave, openDisplacementModel, readWaveFile } from "./displacement-run.ts";

/** `estimate -- --displacement file.csv`: one JSON line for each second. @returns the exit code */
export async function estimateDisplacement(path: string, windowSec: number): Promise<number> {
  let wave: ReturnType<typeof readWaveFile>;
  try {
    wave = readWaveFile(path);
  } catch (cause) {
    process.stderr.write(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}\n`);
    return 2;
  }
  if (!wave.ok) {
    process.stderr.write(`${path}: ${wave.words}\n`);
    return 2;
  }
  const opened = await openDisplacementModel();
  for await (const estimate of estimatesOfWave(wave.samples, opened, windowSec)) {
    process.stdout.write(`${JSON.stringify(estimate)}\n`);
  }
  return 0;
}
