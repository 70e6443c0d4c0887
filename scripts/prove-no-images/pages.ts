/** Every page that shows something of a bed or of the ward, and what it loads. */
export const staffPages = (bed: string): string[] => [
  ...["/", "/ward", "/shift", "/handover", "/handover?hours=24", "/downtime", "/governance", "/healthz"],
  ...["/set-up/staff", "/set-up/beds", "/demo", "/no-such-page"],
  ...["", "/history.json", "/sedation", "/observe", "/order", "/needs", "/check", "/checks", "/characteristics"].map(
    (rest) => `/person/${bed}${rest}`,
  ),
  ...["/accept-rate", "/discharge", "/move", "/review/breathing-rate", "/best-interests/breathing-rate"].map(
    (rest) => `/person/${bed}${rest}`,
  ),
];

export const bedsidePages = [
  "/bedside",
  ...["who-looked", "about", "ask", "proof", "how", "language"].map((page) => `/bedside/${page}`),
];
