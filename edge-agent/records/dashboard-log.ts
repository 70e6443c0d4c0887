import type { Stamp } from "../contract/audit-entry.ts";
import type { AuditIntent } from "../contract/door.ts";
import { auditSchema } from "./audit-schema.ts";
import { AuditStore, type AuditStoreOptions } from "./audit-store.ts";
import { dashboardSealing } from "./data-key-schema.ts";
import type { Migrations } from "./migrations.ts";
import { openSealedForWriting } from "./open.ts";
import { asStoreError } from "./store-error.ts";

export const dashboardMigrations: Migrations = [auditSchema, dashboardSealing];

/** The dashboard's own log: who opened which page, and who was turned away. Opening a page waits for its entry. */
export interface DashboardLog {
  /** On the disk when it returns. Throws StoreError; then the page is not shown. */
  append(intent: AuditIntent, stamp: Stamp): void;
  checkpointIfDirty(): void;
  /** Signs what is not signed yet, and closes. */
  close(): void;
}

/** Opens `<data>/dashboard.sqlite`, made where there is none, and checks it. Throws StoreError. */
export function openDashboardLog(path: string, options: AuditStoreOptions): DashboardLog {
  const db = openSealedForWriting(path, dashboardMigrations);
  const audit = new AuditStore(db, options);
  try {
    audit.checkOnStart();
  } catch (cause) {
    db.close();
    throw cause;
  }
  const checkpointIfDirty = (): void => {
    if (audit.size() > audit.signedSize()) audit.checkpoint();
  };
  return {
    append: (intent, stamp) =>
      asStoreError("cannot write the dashboard's log", () => {
        db.transaction(() => audit.append(intent, stamp)).immediate();
      }),
    checkpointIfDirty,
    close: () => {
      if (!db.open) return;
      try {
        checkpointIfDirty();
      } finally {
        db.close();
      }
    },
  };
}
