/** Every page that the dashboard serves, and what it loads; a test holds the routes to these lists. */
export const staffPages = (bed: string): string[] => [
  ...["/", "/ward", "/shift", "/handover", "/handover?hours=24", "/downtime", "/governance", "/engineer", "/healthz"],
  ...["/governance/log", "/governance/audit", "/governance/audit.csv", "/governance/audit.json"],
  ...["/governance/audit-schema.json", "/governance/erase"],
  ...["/access", "/access/ask/hold", "/access/ask/break-glass", "/access/1", "/access/1/records"],
  ...["/set-up/staff", "/set-up/staff/nobody", "/set-up/beds", "/demo", "/demo/ward", "/demo/bedside", "/no-such-page"],
  ...["/badge", "/start-account", "/sign-in", "/sign-in/oidc", "/sign-in/oidc/callback", "/pair", "/advocate"],
  ...["", "/history.json", "/sedation", "/end-sedation", "/observe", "/order", "/needs", "/check", "/checks"].map(
    (rest) => `/person/${bed}${rest}`,
  ),
  ...["/admit", "/activity", "/export", "/characteristics", "/accept-rate", "/discharge", "/move"].map(
    (rest) => `/person/${bed}${rest}`,
  ),
  ...["/offer/breathing-rate", "/review/breathing-rate", "/best-interests/breathing-rate"].map(
    (rest) => `/person/${bed}${rest}`,
  ),
];

export const bedsidePages = [
  "/bedside",
  ...["who-looked", "about", "ask", "proof", "how", "language", "let-look", "offline", "worker.js"].map(
    (page) => `/bedside/${page}`,
  ),
];
