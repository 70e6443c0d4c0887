import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditIntent } from "../contract/door.ts";
import { openDashboardLog } from "./dashboard-log.ts";
import { readDayRoot } from "./day-root.ts";
import { openForReading } from "./open.ts";
import { at, intent, logOptionsOf, scratchFolder } from "./records-for-tests.ts";
import { lookedMax, readWhoLooked } from "./who-looked.ts";

let folder: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  folder = scratchFolder();
});
afterEach(() => folder.done());

const nurse = { kind: "staff", id: "s1", name: "Ada", role: "nurse-in-charge" } as const;
const opened = (detail: AuditIntent["detail"], change: Partial<AuditIntent> = {}): AuditIntent => ({
  ...intent("page.open"),
  detail: { page: "/ward#person", bed: "room-1", purposeOfEvent: "TREAT", ...detail },
  ...change,
});

function logWith(intents: readonly AuditIntent[], everyMs = 1_000): string {
  const path = join(folder.path, "dashboard.sqlite");
  const log = openDashboardLog(path, logOptionsOf());
  for (const [index, one] of intents.entries()) {
    log.append(one, at(index * everyMs));
    log.checkpointIfDirty();
  }
  log.close();
  return path;
}

function reading<T>(path: string, read: (db: ReturnType<typeof openForReading>) => T): T {
  const db = openForReading(path);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

describe("who looked", () => {
  it("tells each opening of this stay by staff, with how long it lasted, and nothing of another stay", () => {
    const path = logWith([
      opened({ stay: "s1", opening: "o1" }),
      opened({ stay: "s2", opening: "o2" }),
      { ...intent("page.close"), detail: { bed: "room-1", stay: "s1", opening: "o1", openMs: 65_000 } },
      opened({ stay: "s1", page: "/other/room-1" }),
      opened({ stay: "s1" }, { outcome: 4 }),
      opened({ stay: "s1", page: "/bedside" }, { actor: { kind: "bedside", bed: "room-1", stay: "s1" } }),
      // A stay whose name begins alike, and a detail that holds the words of another field.
      opened({ stay: "s10" }),
    ]);
    const { looked, more } = reading(path, (db) => readWhoLooked(db, "s1"));
    expect(more).toBe(false);
    expect(looked).toEqual([
      expect.objectContaining({ page: "/other/room-1", openMs: null, atUtcMs: at(3_000).utcMs }),
      expect.objectContaining({ page: "/ward#person", openMs: 65_000, role: "nurse-in-charge", name: "Ada" }),
    ]);
    expect(reading(path, (db) => readWhoLooked(db, "nobody"))).toEqual({ looked: [], more: false });
  });

  it("tells one visit once: what the page read from the server meanwhile is part of it", () => {
    const path = logWith(
      [
        opened({ stay: "s1", page: "/person/:bed" }),
        opened({ stay: "s1", opening: "o1" }),
        opened({ stay: "s1", page: "/person/:bed" }),
        opened({ stay: "s1", page: "/person/:bed" }, { actor: { ...nurse, id: "s2", name: "Bo" } }),
        { ...intent("page.close"), detail: { bed: "room-1", stay: "s1", opening: "o1", openMs: 60_000 } },
        opened({ stay: "s1", page: "/person/:bed" }),
      ],
      15_000,
    );
    const { looked } = reading(path, (db) => readWhoLooked(db, "s1"));
    expect(looked.map(({ name, page, openMs }) => [name, page, openMs])).toEqual([
      ["Bo", "/person/:bed", null],
      ["Ada", "/ward#person", 60_000],
      ["Ada", "/person/:bed", null],
    ]);
  });

  it("says that there is more, where there is more than it tells", () => {
    const path = logWith(Array.from({ length: lookedMax + 1 }, () => opened({ stay: "s1" })));
    const { looked, more } = reading(path, (db) => readWhoLooked(db, "s1"));
    expect([looked.length, more]).toEqual([lookedMax, true]);
  });
});

describe("the root of a day", () => {
  it("is the newest checkpoint before midnight, whatever is written since; else the first", () => {
    const path = logWith(
      Array.from({ length: 10 }, () => opened({})),
      1_000,
    );
    const sizeBefore = (ms: number) => reading(path, (db) => readDayRoot(db, at(ms).utcMs)?.entries);
    expect(sizeBefore(3_500)).toBe(4);
    expect(sizeBefore(4_000)).toBe(4);
    expect(sizeBefore(99_000)).toBe(10);
    expect(sizeBefore(-5)).toBe(1);
    const root = reading(path, (db) => readDayRoot(db, at(3_500).utcMs));
    expect(root).toMatchObject({
      rootSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      lastEntryUtcMs: at(3_000).utcMs,
    });
    expect(root?.note).toContain(Buffer.from(root?.rootSha256 ?? "", "hex").toString("base64"));
  });

  it("is not there before anything is signed", () => {
    expect(reading(logWith([]), (db) => readDayRoot(db, 0))).toBeNull();
  });
});
