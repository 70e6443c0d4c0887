import type { Log } from "../platform/log.ts";
import { StoreError } from "../records/store-error.ts";

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

/** Why the agent does not start, and, where its records are damaged, what somebody has to do. */
export function startWords(cause: Error): string {
  const isDamaged = cause instanceof StoreError && ["damaged", "log-damaged"].includes(cause.code);
  const toDo =
    "No bed is monitored: check in person. Then put the newest backup in place of these records: npm run ward:restore, docs/faults.md";
  return isDamaged ? `${cause.message}\n${toDo}` : cause.message;
}
