import { openForReading } from "../edge-agent/records/open.ts";
import { readStaff } from "../edge-agent/records/staff-reading.ts";
import type { AccountAsk } from "../edge-agent/records/staff-records.ts";
import type { DashboardWard } from "./dashboard-ward.ts";

/* Accounts in the ward of a test, as the nurse in charge and the person make them. */

export const password = "teapot lantern gravel";
export const pin = "802739";
type Role = "nurse" | "nurse-in-charge" | "engineer" | "governance-lead";

const setup = { kind: "setup", name: "set-up on this machine" } as const;

/** A one-time code for somebody new; the person has not started the account. */
export function codeFor(ward: DashboardWard, name: string, badge: string, role: Role = "nurse"): string {
  const made = decide(ward, { do: "add-staff", badge, name, role, agency: false, untilUtcMs: null });
  if (!("is" in made) || made.is !== "code") throw new Error(JSON.stringify(made));
  return made.code;
}

/** As the nurse in charge writes it down. */
export function train(ward: DashboardWard, badge: string, validUntil = "2099-12-31"): void {
  const db = openForReading(ward.wardFile);
  const staff = readStaff(db, Date.now()).find((one) => one.badge === badge)?.id ?? "";
  db.close();
  const told = decide(ward, { do: "record-training", staff, doneOn: "2020-01-01", validUntil });
  if ("why" in told) throw new Error(told.words);
}

/** As the command on the ward's machine, past every page. */
export function endAccount(ward: DashboardWard, badge: string): void {
  const db = openForReading(ward.wardFile);
  const staff = readStaff(db, Date.now()).find((one) => one.badge === badge)?.id ?? "";
  db.close();
  const ended = decide(ward, { do: "end-staff", staff });
  if ("why" in ended) throw new Error(ended.words);
}

const decide = (ward: DashboardWard, ask: AccountAsk) =>
  ward.records.staff.decide(
    ask,
    setup,
    { agencyDaysMax: 14, beds: [] },
    { utcMs: Date.now(), monoNs: process.hrtime.bigint() },
  );

const origin = { host: "ward.test", origin: "http://ward.test" };
export const form = (fields: Readonly<Record<string, string>>, cookie = "") => ({
  method: "POST" as const,
  headers: { ...origin, cookie, "content-type": "application/x-www-form-urlencoded" },
  payload: new URLSearchParams(fields).toString(),
});

export type Cookies = Readonly<Record<string, string>>;
export const cookieHeader = (cookies: Cookies): string =>
  Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
export const cookiesIn = (reply: { readonly cookies: readonly { name: string; value: string }[] }): Cookies =>
  Object.fromEntries(reply.cookies.map(({ name, value }) => [name, value]));

let started = 0;
/** Over the page for new accounts. */
export async function startAccount(ward: DashboardWard, name: string, badge: string, role: Role = "nurse") {
  const code = codeFor(ward, name, badge, role);
  const fields = { code, badge, password, again: password, pin };
  // Each from an address of its own: trying codes is slowed down.
  started += 1;
  const remoteAddress = `10.0.0.${started}`;
  const reply = await ward.app.inject({ url: "/start-account", remoteAddress, ...form(fields) });
  if (reply.statusCode !== 303) throw new Error(reply.body);
  return cookiesIn(reply);
}
