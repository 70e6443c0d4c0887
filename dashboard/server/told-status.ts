import type { Told } from "./agent-link.ts";

/** The HTTP status of what the agent refused. */
export function statusOf(why: Extract<Told, { ok: false }>["why"]): number {
  switch (why) {
    case "not-signed-in":
      return 401;
    case "not-allowed":
    case "untrained":
      return 403;
    case "not-found":
      return 404;
    case "malformed":
    case "reason-missing":
    case "code-invalid":
      return 400;
    case "not-offered":
    case "refused-by-person":
    case "policy":
    case "already-done":
      return 409;
    case "locked":
      return 423;
    case "too-many-tries":
      return 429;
    case "unavailable":
    case "audit-failed":
      return 503;
    case "no-answer":
      return 504;
  }
}
