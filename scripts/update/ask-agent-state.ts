import { request } from "node:http";
import { join } from "node:path";
import { agentSocket, ReleaseState } from "../../edge-agent/contract/release-state.ts";

const withinMs = 3_000;
const answerBytesMax = 1_000_000;

/** How the ward is; undefined: no agent answers over this data folder. */
export function askAgentState(dataDir: string): Promise<ReleaseState | undefined> {
  return new Promise((resolve) => {
    const asked = request({ socketPath: join(dataDir, agentSocket), path: "/", timeout: withinMs }, (reply) => {
      let text = "";
      reply.setEncoding("utf8");
      reply.on("data", (part: string) => {
        text += part;
        if (text.length > answerBytesMax) asked.destroy();
      });
      reply.on("end", () => resolve(reply.statusCode === 200 ? read(text) : undefined));
      reply.on("error", () => resolve(undefined));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(undefined));
    asked.end();
  });
}

function read(text: string): ReleaseState | undefined {
  try {
    return ReleaseState.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
