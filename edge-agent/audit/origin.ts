/** Whose log: the agent's in the ward database, or the dashboard's own of what was read. */
export type LogOwner = "station" | "dashboard";

const path: Readonly<Record<LogOwner, string>> = { station: "audit", dashboard: "audit-dashboard" };

/**
 * Name of a log that begins now, such as `w7.rxx01.example.nhs.uk/audit/2026`. The year is that of its first day; a log
 * keeps its name, and the key in which the name stands, for as long as its database lives.
 */
export const originAt = (domain: string, owner: LogOwner, utcMs: number): string =>
  `${domain}/${path[owner]}/${new Date(utcMs).getUTCFullYear()}`;
