import { WebSocket } from "ws";
import type { LiveMessage } from "../edge-agent/contract/live.ts";
import type { RunningWard } from "./running-ward.ts";

/** A nurse station's own connection to the dashboard, tried until the dashboard is there. */
export async function openScreen(
  ward: RunningWard,
  nurse: string,
  onMessage: (message: LiveMessage) => void,
): Promise<WebSocket> {
  const address = `127.0.0.1:${ward.site.dashboard.port}`;
  for (let tries = 0; ; tries++) {
    const socket = new WebSocket(`ws://${address}/live?as=staff`, {
      headers: { cookie: `qr_staff=${nurse}`, origin: `http://${address}` },
    });
    const opened = await new Promise<boolean>((resolve) => {
      socket.once("open", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.on("message", (bytes: Buffer) => onMessage(JSON.parse(bytes.toString()) as LiveMessage));
    });
    if (opened) return socket;
    if (tries > 100) throw new Error(`no live connection to ${address}\n${ward.log("dashboard").slice(-2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
