import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { Answer, type Ask, type AskResult } from "../edge-agent/contract/asks.ts";
import { BridgeStatus } from "../edge-agent/contract/bridge-status.ts";
import type { SiteConfig } from "../edge-agent/contract/config.ts";
import { topics } from "../edge-agent/contract/topics.ts";
import type { SensorState } from "../edge-agent/contract/words.ts";
import { brokerLogin } from "../edge-agent/platform/broker-login.ts";
import { connectBroker } from "../edge-agent/platform/connect.ts";
import type { Log } from "../edge-agent/platform/log.ts";

export class AskError extends Error {
  readonly code: "no-answer" | "refused";
  constructor(code: "no-answer" | "refused", words: string) {
    super(words);
    this.code = code;
  }
}

export interface AgentDesk {
  /** Throws AskError where the agent refuses or does not answer within the time. */
  ask(ask: Ask["ask"], timeoutMs?: number): Promise<AskResult>;
  /** What the bridges said last, by `bed/sensor`; a sensor of which nothing was heard is not in it. */
  readonly sensors: ReadonlyMap<string, SensorState>;
  close(): Promise<void>;
}

/** Asks as client `admin`: set-up commands given on the machine itself. One such client at a time. */
export function openAgentDesk(site: SiteConfig, dataDir: string, log: Log): AgentDesk {
  const waiting = new Map<string, (answer: Answer) => void>();
  const sensors = new Map<string, SensorState>();
  const topic = topics(site);
  const link = connectBroker({ ...brokerLogin(site.brokers, site.brokers.controlPort, dataDir, "admin"), log });
  link.subscribe(topic.answer("admin"), 1, (_topic, payload) => {
    const answer = read(Answer, payload);
    if (answer !== undefined) waiting.get(answer.id)?.(answer);
  });
  link.subscribe(topic.anyStatus, 1, (_topic, payload) => {
    const status = read(BridgeStatus, payload);
    if (status !== undefined) sensors.set(`${status.bed}/${status.sensor}`, status.state);
  });
  return {
    sensors,
    async ask(ask, timeoutMs = 5_000) {
      const id = randomUUID();
      const message: Ask = { v: 1, id, session: null, ask };
      const answer = await new Promise<Answer>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new AskError("no-answer", `the agent did not answer "${ask.do}" within ${timeoutMs} ms`));
        }, timeoutMs);
        waiting.set(id, (got) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(got);
        });
        // Unsent shows as no answer.
        void link.publish(topic.ask("admin"), JSON.stringify(message), { qos: 1, timeoutMs });
      });
      if (answer.ok) return answer.result;
      throw new AskError("refused", `the agent refused "${ask.do}": ${answer.words} (${answer.why})`);
    },
    close: () => link.stop(),
  };
}

/** Any answer will do, a refusal too: it is there. */
export async function agentAnswers(desk: AgentDesk): Promise<boolean> {
  try {
    await desk.ask({ do: "who-am-i" }, 2_000);
    return true;
  } catch (error) {
    if (error instanceof AskError) return error.code === "refused";
    throw error;
  }
}

function read<T>(shape: z.ZodType<T>, payload: Uint8Array): T | undefined {
  try {
    return shape.safeParse(JSON.parse(Buffer.from(payload).toString("utf8"))).data;
  } catch {
    return undefined;
  }
}
