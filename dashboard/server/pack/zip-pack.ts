import { zip } from "fflate";

/** The first moment that a ZIP can name: the same files give the same bytes. */
const noTime = new Date(1980, 0, 1);

/** In a thread of the library's own. */
export function zipPack(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    zip(Object.fromEntries(files), { level: 9, mtime: noTime }, (cause, bytes) =>
      cause === null ? resolve(bytes) : reject(cause),
    );
  });
}
