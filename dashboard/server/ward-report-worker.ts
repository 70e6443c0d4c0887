import { parentPort, workerData } from "node:worker_threads";
import { listAccess } from "../../edge-agent/records/access.ts";
import { readAccessRecords } from "../../edge-agent/records/access-reading.ts";
import { readActivity } from "../../edge-agent/records/activity-summary.ts";
import { readLooks } from "../../edge-agent/records/advocate-looks.ts";
import { readAlarmLoad } from "../../edge-agent/records/alarm-load.ts";
import { readEquity } from "../../edge-agent/records/characteristics.ts";
import { readChecks } from "../../edge-agent/records/check-reading.ts";
import { readDayRoot, readRootBefore } from "../../edge-agent/records/day-root.ts";
import { readFeedback } from "../../edge-agent/records/feedback-answers.ts";
import { countOpenings, readKillTimes } from "../../edge-agent/records/governance-reading.ts";
import { readHandover } from "../../edge-agent/records/handover-reading.ts";
import { openForReading } from "../../edge-agent/records/open.ts";
import { readPersonExport } from "../../edge-agent/records/person-export.ts";
import { readPersonHistory } from "../../edge-agent/records/person-history.ts";
import { readFloorOrder, readStaff } from "../../edge-agent/records/staff-reading.ts";
import { readConsentHistory, sensedMinutes } from "../../edge-agent/records/stay-history.ts";
import { readWardAudit } from "../../edge-agent/records/ward-audit.ts";
import { readLogSeen } from "../../edge-agent/records/watch-store.ts";
import { readWhoLooked } from "../../edge-agent/records/who-looked.ts";
import type { ReportFiles, ReportQuestion } from "./ward-reports.ts";

/* A thread of its own: better-sqlite3 waits for the disk, and the live feed must not. Opened for each question, read-only. */

const { wardFile, dashboardFile } = workerData as ReportFiles;

function answer(question: ReportQuestion): unknown {
  switch (question.what) {
    case "history":
      return reading(wardFile, (db) => readConsentHistory(db, question.stay));
    case "use": {
      const { stay, bed, purpose, sinceUtcMs } = question;
      return {
        sinceUtcMs,
        sensedMin: reading(wardFile, (db) => sensedMinutes(db, stay, purpose, sinceUtcMs)),
        openings: reading(dashboardFile, (db) => countOpenings(db, bed, sinceUtcMs)),
      };
    }
    case "kill-times":
      return reading(wardFile, (db) => readKillTimes(db, question.sinceUtcMs));
    case "alarm-load":
      return reading(wardFile, (db) => readAlarmLoad(db, question.nights, question.nowUtcMs));
    case "feedback":
      return reading(wardFile, readFeedback);
    case "who-looked":
      return reading(dashboardFile, (db) => readWhoLooked(db, question.stay));
    case "day-root":
      return reading(wardFile, (db) => readDayRoot(db, question.beforeUtcMs));
    case "roots-before": {
      const rootOf = (file: string) => reading(file, (db) => readRootBefore(db, question.utcMs));
      return { ward: rootOf(wardFile), dashboard: rootOf(dashboardFile) };
    }
    case "checks":
      return reading(wardFile, (db) => readChecks(db, question.stay, question.sinceUtcMs));
    case "handover":
      return reading(wardFile, (db) => readHandover(db, question.sinceUtcMs));
    case "equity":
      return reading(wardFile, (db) => readEquity(db, question.nowUtcMs));
    case "person-history":
      return reading(wardFile, (db) => readPersonHistory(db, question.stay, question.nowUtcMs));
    case "ward-audit":
      return reading(wardFile, (ward) =>
        reading(dashboardFile, (dashboard) =>
          readWardAudit({ ward, dashboard, timeZone: question.timeZone }, question.period),
        ),
      );
    case "person-export":
      return reading(wardFile, (ward) =>
        reading(dashboardFile, (dashboard) => readPersonExport(ward, dashboard, question.stay) ?? null),
      );
    case "activity":
      return reading(wardFile, (db) => readActivity(db, question.stay, question));
    case "looks-given":
      return reading(wardFile, (db) => readLooks(db, question.stay, question.nowUtcMs));
    case "access-list":
      return reading(wardFile, listAccess);
    case "access-records":
      return reading(wardFile, (ward) =>
        reading(dashboardFile, (dashboard) => readAccessRecords(ward, dashboard, question) ?? null),
      );
    case "staff":
      return reading(wardFile, (db) => readStaff(db, question.nowUtcMs));
    case "floor-order":
      return reading(wardFile, readFloorOrder);
    case "logs-seen":
      return { ward: readLogSeen(wardFile) ?? null, dashboard: readLogSeen(dashboardFile) ?? null };
  }
}

function reading<T>(path: string, read: (db: ReturnType<typeof openForReading>) => T): T {
  const db = openForReading(path);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

parentPort?.on("message", ({ id, question }: { readonly id: number; readonly question: ReportQuestion }) => {
  try {
    parentPort?.postMessage({ id, answer: answer(question) });
  } catch (cause) {
    parentPort?.postMessage({ id, failed: String(cause) });
  }
});
