import type { Log } from "../platform/log.ts";

/** What an engineer at night reads about the ward's records. */
export const storeWords =
  (log: Log) =>
  (state: "failed" | "refused" | "ok", cause: unknown): void => {
    switch (state) {
      case "failed":
        log.error({ cause: String(cause) }, "the ward's records cannot be written: sensing stops; look at the disk");
        break;
      case "refused":
        log.error({ cause: String(cause) }, "the ward's records refused one write; it is not tried again");
        break;
      case "ok":
        log.warn({}, "the ward's records can be written again");
    }
  };
