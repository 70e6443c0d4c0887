import type { Ask, AskResult } from "../../edge-agent/contract/asks.ts";

export type Asked =
  | { readonly ok: true; readonly result: AskResult }
  | {
      readonly ok: false;
      readonly words: string;
      readonly signedOut: boolean;
      /** It did not reach the agent, or the agent cannot do anything now: the same ask may be done later. */
      readonly unheard: boolean;
    };

/** `touchedAtMs`: by performance.now(), when the person touched; left out where nobody did. */
export type AskAgent = (ask: Ask["ask"], touchedAtMs?: number) => Promise<Asked>;

/** The server waits 5 s for the agent; a little more for the way there and back. */
const giveUpAfterMs = 7_000;

/** Asks the agent as the person at this screen. Never rejects; the words are for that person. */
export const askAs =
  (kind: "staff" | "bedside"): AskAgent =>
  async (ask, touchedAtMs) => {
    try {
      const response = await fetch("/asks", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-quietround": kind,
          ...(touchedAtMs === undefined
            ? {}
            : { "x-quietround-touched-ms-ago": (performance.now() - touchedAtMs).toFixed(1) }),
        },
        body: JSON.stringify(ask),
        signal: AbortSignal.timeout(giveUpAfterMs),
      });
      const told: unknown = await response.json();
      if (response.ok && isDone(told)) return told;
      const { status } = response;
      if (status === 423) document.dispatchEvent(new Event("screen-locked"));
      return { ok: false, words: wordsOf(told), signedOut: status === 401, unheard: status >= 500 };
    } catch {
      return { ok: false, words: "The ward computer did not answer. Try again.", signedOut: false, unheard: true };
    }
  };

const isDone = (told: unknown): told is Extract<Asked, { ok: true }> =>
  typeof told === "object" && told !== null && "ok" in told && told.ok === true && "result" in told;

function wordsOf(told: unknown): string {
  const words = typeof told === "object" && told !== null && "words" in told ? told.words : undefined;
  return typeof words === "string" ? words : "That did not work. Try again.";
}
