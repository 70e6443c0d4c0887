import type { AccessAsk } from "../contract/access.ts";
import type { Stamp } from "../contract/audit-entry.ts";
import type { StaffRole } from "../contract/words.ts";
import { openForReading } from "./open.ts";
import { alarm, at, consent, granted, intent, stay } from "./records-for-tests.ts";
import type { WardRecords } from "./ward.ts";

/**
 * Writes at least one row into every table that has a sealed column, with a made-up word in each place that takes words. Returns
 * the words: none of them may be found in any file of the ward.
 */
export function fillWithCanaries(records: WardRecords, path: string): string[] {
  const words: string[] = [];
  const word = (place: string): string => {
    const made = `Zq${place.replaceAll(/[^a-z]/gi, "")}${words.length}Vex`;
    words.push(made);
    return made;
  };
  let time = 0;
  const next = (): Stamp => {
    time += 1_000;
    return at(time);
  };
  const staff = (id: string, role: StaffRole) => ({ kind: "staff", id, name: word(`staff${id}`), role }) as const;
  const [ada, ben, cleo] = [
    staff("ada", "nurse-in-charge"),
    staff("ben", "governance-lead"),
    staff("cleo", "governance-lead"),
  ];
  const bedside = { kind: "bedside", bed: "room-1", stay: "stay-1" } as const;
  const commit = (...rows: Parameters<WardRecords["commit"]>[1]) =>
    records.commit([intent("stay.admit", { words: word("phi") })], rows, next());
  const utcMs = () => next().utcMs;

  commit({ ...stay("stay-1"), label: word("label") } as ReturnType<typeof stay>);
  commit({ ...stay("stay-2", "room-2"), label: word("label") } as ReturnType<typeof stay>);
  for (const row of granted("stay-1", "movement-alerts")) {
    if (row.table !== "consent") continue;
    const record = row.record === null ? null : { ...row.record, words: word("activation") };
    commit({ ...row, by: word("consentby"), record });
  }
  commit(consent("stay-1", "breathing-rate", "offered"));
  const observation = { level: "general", everyMinutes: 60, reviewAfterHours: 24 } as const;
  commit({
    table: "observation-order",
    stay: "stay-1",
    order: { ...observation, by: word("orderby"), reason: word("orderreason") },
    atUtcMs: utcMs(),
  });
  commit({
    table: "order",
    stay: "stay-1",
    order: { by: word("careby"), reason: word("carereason") } as never,
    atUtcMs: utcMs(),
  });
  const needs = { language: "en", readAloud: false, largeText: false, words: word("needs") };
  commit({ table: "needs", stay: "stay-1", needs, atUtcMs: utcMs() });
  const standing = { ...observation, by: word("standingby"), reason: word("standingreason") };
  const watch = { everyMinutes: 15, sinceUtcMs: utcMs(), untilUtcMs: utcMs(), by: word("watchby"), standing } as const;
  commit({ table: "sedation", stay: "stay-1", watch, atUtcMs: utcMs() });
  const by = { id: "n1", name: word("checkby") };
  const seen = { where: "in-bed", how: "awake", engagement: "talked", concern: word("concern") } as const;
  const checked = utcMs();
  commit({
    table: "check",
    check: {
      ...{ id: "check-1", stay: "stay-1", level: null, by, seenUtcMs: checked, recordedUtcMs: checked, seen },
      ...{ retrospective: word("retrospective"), supersedes: null },
    },
  });
  const rate = { perMin: 14, lowPerMin: 13, highPerMin: 15, quality: 0.9 };
  commit({
    table: "accepted-rate",
    stay: "stay-1",
    by: { id: "n1", name: word("rateby") },
    ...rate,
    atUtcMs: utcMs(),
  });
  const acknowledged = { name: word("acknowledged"), atUtcMs: utcMs() };
  commit(alarm({ stay: "stay-1" }));
  commit(alarm({ stay: "stay-1", acknowledged }));
  const outcome = { is: "helped", falseBecause: null, name: word("outcome"), atUtcMs: utcMs() } as never;
  commit(alarm({ stay: "stay-1", acknowledged, outcome }));
  // Written again as it is: what was said once stays as it was sealed.
  commit(alarm({ stay: "stay-1", acknowledged, outcome, presence: "off" }));

  records.takeFeedback({ by: bedside, about: "question", feels: "okay", words: word("feedback") }, next());
  records.answerFeedback({ feedback: 1, words: word("answer"), by: ben }, next());
  records.setCharacteristics({ bed: "room-1", stay: "stay-1", told: { sex: "female" }, by: ada }, next());
  const asking: Extract<AccessAsk, { do: "ask-access" }> = {
    ...{ do: "ask-access", kind: "hold", bed: "room-1", fromUtcMs: at(0).utcMs, untilUtcMs: at(3_600_000).utcMs },
    ...{ reason: word("holdreason"), lawful: word("lawful"), untold: word("untold"), forMs: 3_600_000 },
  };
  records.decideAccess(asking, ben, next());
  records.decideAccess({ do: "agree-access", number: 1 }, ada, next());
  const glass = { ...asking, kind: "break-glass" as const, reason: word("glass"), lawful: null, untold: null };
  records.decideAccess(glass, ada, next());
  records.decideAccess({ do: "agree-access", number: 2 }, ben, next());
  records.decideAccess({ do: "end-access", number: 2 }, ada, next());
  records.decideAccess({ do: "review-access", number: 2, right: true, words: word("review") }, cleo, next());
  const look = records.decideAdvocate({ do: "let-look", hours: 24 }, bedside, next());
  if (typeof look !== "object" || look.is !== "code") throw new Error("no code to look");
  records.decideAdvocate({ do: "advocate-in", code: look.code, name: word("advocate") }, undefined, next());
  records.writeAudio(
    {
      ...{ action: "audio.off", by: ada, detail: {}, reason: word("audioreason") },
      held: {
        kind: "audio",
        audio: { paused: null, off: { sinceUtcMs: utcMs(), by: word("audioby"), reason: word("audiooff") } },
      },
    },
    next(),
  );
  const { code } = records.inviteStaff({ name: word("invited"), role: "nurse", by: ada }, next());
  records.signIn(code, next());
  records.inviteStaff({ name: word("stillinvited"), role: "nurse", by: ada }, next());
  const limits = { agencyDaysMax: 14, beds: ["room-1", "room-2"] };
  const added = { badge: word("badge"), name: word("added"), role: "nurse", agency: false, untilUtcMs: null } as const;
  records.staff.decide({ do: "add-staff", ...added }, ada, limits, next());
  records.staff.claimOf({ kind: "password", badge: added.badge, screen: { session: null, station: null } }, next());
  records.staff.decide({ do: "floor-order", beds: ["room-2", "room-1"] }, ada, limits, next());
  const id = idOf(path, added.name);
  records.staff.decide(
    { do: "record-training", staff: id, doneOn: "2026-01-01", validUntil: "2028-01-01" },
    ada,
    limits,
    next(),
  );
  const known = { issuer: "https://id.example", subject: word("subject"), sid: "sid-1", name: word("byprovider") };
  const token = { idToken: "header.payload.signature", tokenUntilUtcMs: utcMs() + 60_000 };
  const screen = { session: null, station: null };
  records.staff.signInByOidc({ ...known, ...token, role: "nurse", screen, shiftMs: 3_600_000 }, next());
  return words;
}

function idOf(path: string, name: string): string {
  const db = openForReading(path);
  try {
    return String(db.prepare("SELECT id FROM staff WHERE name = ?").pluck().get(name));
  } finally {
    db.close();
  }
}
