import { parentPort, workerData } from "node:worker_threads";
import { differingPackages, readPackagesList } from "./package-files.ts";

/* Reads every file of the packages once, beside the ward: a pause after each MiB leaves the disk and the processor to it. */

export interface PackagesWork {
  readonly root: string;
  readonly list: string;
  readonly restMs: number;
}

/** A pause after each MiB. */
const restEveryBytes = 1024 * 1024;
const { root, list, restMs } = workerData as PackagesWork;
const still = new Int32Array(new SharedArrayBuffer(4));
const read = readPackagesList(list);
let sinceRestBytes = 0;
const rest = (bytes: number): void => {
  sinceRestBytes += bytes;
  if (sinceRestBytes < restEveryBytes) return;
  sinceRestBytes = 0;
  Atomics.wait(still, 0, 0, restMs);
};
parentPort?.postMessage(
  read === undefined ? ["packages.list cannot be read"] : differingPackages(root, read, { rest }),
);
