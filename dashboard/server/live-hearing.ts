import type { RawData } from "ws";
import { type AlarmShown, LiveSaid } from "../../edge-agent/contract/alarm-shown.ts";
import type { AgentLink } from "./agent-link.ts";
import { isStill, maySay } from "./live-rights.ts";
import type { LiveScreen } from "./live-screen.ts";
import type { Sessions } from "./sessions.ts";

export interface HearingOptions {
  readonly agent: AgentLink;
  readonly sessions: Sessions;
  readonly utcMs: () => number;
}

/** What screens say over the live connection: that an alarm stood on them. The agent is told, and the screen that it was. */
export class LiveHearing {
  private readonly options: HearingOptions;
  private readonly telling = new WeakSet<LiveScreen>();

  constructor(options: HearingOptions) {
    this.options = options;
  }

  /** From a browser, before any check. */
  async hear(screen: LiveScreen, data: RawData, isBinary: boolean): Promise<void> {
    const said = isBinary || !screen.maySpeakNow() ? undefined : readSaid(data);
    if (said === undefined) return screen.close(1008, "not understood");
    const { token, who, listening } = screen.admitted;
    if (!maySay(listening, said.say)) return screen.close(1008, "this connection only tells");
    const now = await this.options.sessions.whoIs(token);
    if (now.is === "unknown") return;
    if (!isStill(who, now)) return screen.close(4401, "the session ended");
    await this.tellShown(screen, said.alarms, this.options.utcMs() - said.msAgo);
  }

  /** One ask of a screen at a time; what came meanwhile the screen says again. */
  private async tellShown(screen: LiveScreen, alarms: readonly AlarmShown[], atUtcMs: number): Promise<void> {
    if (this.telling.has(screen)) return;
    this.telling.add(screen);
    try {
      const told = await this.options.agent.ask(screen.admitted.token, {
        do: "alarm-shown",
        alarms: [...alarms],
        atUtcMs,
      });
      if (told.ok) screen.send({ is: "shown-taken", alarms });
    } finally {
      this.telling.delete(screen);
    }
  }
}

/** From a browser, before any check. Undefined: not understood. */
export function readSaid(data: RawData): LiveSaid | undefined {
  try {
    const read = LiveSaid.safeParse(JSON.parse(String(data)));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
