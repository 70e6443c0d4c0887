import type { MonoMs } from "../../edge-agent/contract/units.ts";
import type { StaffRole } from "../../edge-agent/contract/words.ts";
import type { AgentLink } from "./agent-link.ts";

/** A session's word is believed this long before the agent is asked again. */
export const believedForMs = 5_000;
const rememberedMax = 1_000;

/** One cookie for each kind, so that one browser can hold a nurse station and a bedside screen side by side. `advocate`: whom the person lets look. */
export const cookieOf = { staff: "qr_staff", bedside: "qr_bedside", advocate: "qr_advocate" } as const;
export type SessionKind = keyof typeof cookieOf;

export type Who =
  | {
      readonly is: "staff";
      readonly id: string;
      readonly name: string;
      readonly role: StaffRole;
      readonly locked?: true;
      /** No current training in this system is written down. */
      readonly untrained?: true;
    }
  | { readonly is: "bedside"; readonly bed: string; readonly stay: string }
  | {
      readonly is: "advocate";
      readonly number: number;
      readonly bed: string;
      readonly stay: string;
      readonly expiresAt: number;
    }
  | { readonly is: "nobody" }
  /** The agent did not answer: not known, which is neither yes nor no. */
  | { readonly is: "unknown"; readonly words: string };

interface Remembered {
  readonly who: Promise<Who>;
  readonly askedAt: MonoMs;
}

/** Finds out whose a token is, by asking the agent. The token itself is kept in the browser's cookie only. */
export class Sessions {
  private readonly agent: AgentLink;
  private readonly now: () => MonoMs;
  private readonly remembered = new Map<string, Remembered>();
  private readonly staff = new Map<string, Who>();

  constructor(agent: AgentLink, now: () => MonoMs) {
    this.agent = agent;
    this.now = now;
  }

  /** @param token from a cookie, before any check. */
  async whoIs(token: string | undefined): Promise<Who> {
    if (token === undefined || token === "" || token.length > 64) return { is: "nobody" };
    const known = this.remembered.get(token);
    if (known !== undefined && this.now() - known.askedAt <= believedForMs) return known.who;
    const who = this.askWho(token);
    if (this.remembered.size >= rememberedMax) this.remembered.clear();
    this.remembered.set(token, { who, askedAt: this.now() });
    const found = await who;
    if (found.is === "staff") this.keepStaff(token, found);
    else if (found.is === "nobody") this.staff.delete(token);
    // "Unknown" is asked again at once: the agent may be back.
    if (found.is === "unknown") this.remembered.delete(token);
    return found;
  }

  /** Who this was when the agent last said it; only for what must be there while it is silent. */
  lastKnown(token: string | undefined): Who {
    return (token === undefined ? undefined : this.staff.get(token)) ?? { is: "nobody" };
  }

  forget(token: string): void {
    this.staff.delete(token);
    this.remembered.delete(token);
  }

  /** Somebody's session was ended from elsewhere: everybody's is asked about again. */
  forgetAll(): void {
    this.staff.clear();
    this.remembered.clear();
  }

  private keepStaff(token: string, who: Who): void {
    if (this.staff.size >= rememberedMax) this.staff.clear();
    this.staff.set(token, who);
  }

  private async askWho(token: string): Promise<Who> {
    const told = await this.agent.ask(token, { do: "who-am-i" });
    if (told.ok) {
      if (told.result.is === "staff") {
        const { id, name, role, locked, untrained } = told.result;
        const more = { ...(locked === true ? { locked } : {}), ...(untrained === true ? { untrained } : {}) };
        return { is: "staff", id, name, role, ...more };
      }
      if (told.result.is === "bedside") return { is: "bedside", bed: told.result.bed, stay: told.result.stay };
      if (told.result.is === "advocate") {
        const { number, bed, stay, expiresAt } = told.result;
        return { is: "advocate", number, bed, stay, expiresAt };
      }
      return { is: "nobody" };
    }
    switch (told.why) {
      case "not-signed-in":
      case "not-allowed":
      case "not-found":
      case "code-invalid":
      case "malformed":
      case "too-many-tries":
        return { is: "nobody" };
      case "no-answer":
      case "unavailable":
      case "audit-failed":
      case "not-offered":
      case "refused-by-person":
      case "reason-missing":
      case "policy":
      case "locked":
      case "untrained":
      case "already-done":
        return { is: "unknown", words: told.words };
    }
  }
}
