import type { Ask } from "../../edge-agent/contract/asks.ts";
import type { Person, StruckWard } from "./struck-ward.ts";

/** What somebody was told was done. */
export interface Acknowledged {
  /** Words of checks in person. */
  readonly checks: readonly string[];
  /** Pauses and resumptions of the person who stops and goes on, in order, between which moments they were decided. */
  readonly consents: readonly {
    readonly state: "paused" | "granted";
    readonly fromUtcMs: number;
    readonly untilUtcMs: number;
  }[];
}

/** From the answer to a pause until somebody touched to go on: no sample may be accepted. */
export interface Quiet {
  readonly fromUtcMs: number;
  /** Infinity while it lasts. */
  untilUtcMs: number;
}

const answerWithinMs = 7_000;
const checkEveryMs = 250;
const onForMs = 6_000;
const quietForMs = 3_000;
const againAfterMs = 300;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** People who use the ward all the time while its parts are killed: through the door that pages use. Call `stop` before reading. */
export class Touches {
  readonly checks: string[] = [];
  readonly consents: { state: "paused" | "granted"; fromUtcMs: number; untilUtcMs: number }[] = [];
  readonly quiets: Quiet[] = [];
  /** Not answered, or answered that it was not done. */
  unanswered = 0;
  /** When an ask was sent that was then done, by this machine's clock. */
  lastDoneUtcMs = 0;
  private readonly here: StruckWard;
  private ended = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(here: StruckWard) {
    this.here = here;
  }

  start(): void {
    this.running = Promise.all([this.seePeople(), this.stopAndGoOn()]);
  }

  async stop(): Promise<void> {
    this.ended = true;
    await this.running;
  }

  /** Whether the person who stops and goes on is on now, as they were told. */
  isOn(): boolean {
    return (
      (this.quiets.at(-1)?.untilUtcMs ?? 0) !== Number.POSITIVE_INFINITY && this.consents.at(-1)?.state !== "paused"
    );
  }

  /** Several people do, each of whom waits for their own answer. */
  private async seePeople(): Promise<void> {
    const waiting = new Set<Promise<void>>();
    for (let number = 1; !this.ended; number++) {
      const one = this.seePerson(`seen ${number}`).finally(() => waiting.delete(one));
      waiting.add(one);
      await sleep(checkEveryMs);
    }
    await Promise.all(waiting);
  }

  private async seePerson(concern: string): Promise<void> {
    const { bed, stay } = this.here.people.steady;
    const seen = { where: "in-bed", how: "awake", engagement: null, concern } as const;
    const rest = { seenAtUtcMs: null, lateBecause: null, supersedes: null };
    const sentUtcMs = Date.now();
    if (!(await this.ask("staff", this.here.nurse, { do: "check", bed, stay, seen, ...rest }))) return;
    this.checks.push(concern);
    this.lastDoneUtcMs = Math.max(this.lastDoneUtcMs, sentUtcMs);
  }

  private async stopAndGoOn(): Promise<void> {
    const { bed, stay, bedside } = this.here.people.pausing;
    while (!this.ended) {
      await this.rest(onForMs);
      if (!(await this.until("paused", bedside, { do: "pause", bed, stay, minutes: 60 }))) return;
      const quiet: Quiet = { fromUtcMs: Date.now(), untilUtcMs: Number.POSITIVE_INFINITY };
      this.quiets.push(quiet);
      await this.rest(quietForMs);
      quiet.untilUtcMs = Date.now();
      if (!(await this.until("granted", bedside, { do: "resume", bed, stay }))) return;
    }
  }

  /** Until it was done. An ask that got no answer may have been done: doing it twice is refused and counts as done only once. */
  private async until(state: "paused" | "granted", session: string, ask: Ask["ask"]): Promise<boolean> {
    const fromUtcMs = Date.now();
    while (!this.ended) {
      if (await this.ask("bedside", session, ask)) {
        this.consents.push({ state, fromUtcMs, untilUtcMs: Date.now() });
        return true;
      }
      await sleep(againAfterMs);
    }
    return false;
  }

  private async rest(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (!this.ended && performance.now() < until) await sleep(50);
  }

  private async ask(kind: "staff" | "bedside", session: Person["bedside"], ask: Ask["ask"]): Promise<boolean> {
    const { url } = this.here;
    const sent = fetch(`${url}/asks`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        cookie: `qr_${kind}=${session}`,
        origin: url,
        "x-quietround": kind,
      },
      body: JSON.stringify(ask),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const done = await sent.then(
      (answer) => answer.ok || (answer.status === 409 && kind === "bedside"),
      () => false,
    );
    if (!done) this.unanswered += 1;
    return done;
  }
}
