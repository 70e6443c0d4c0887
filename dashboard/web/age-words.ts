/** "2 s ago", "3 min ago", "2 h ago". */
export function agoWords(ageMs: number): string {
  return `${lengthWords(ageMs)} ago`;
}

/** "2 s", "3 min", "2 h 5 min". */
export function lengthWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** "21:04", in the time of the place where the screen is. */
export function clockWords(utcMs: number): string {
  return new Date(utcMs).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/** "Sunday 22 November". */
export function dayWords(utcMs: number): string {
  return new Date(utcMs).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}
