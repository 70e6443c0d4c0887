import { WebSocket } from "ws";
import { FeedCursor } from "../dashboard/web/feed-cursor.ts";
import type { LiveMessage } from "../edge-agent/contract/live.ts";

/*
 * A nurse station's connection in a process of its own, so that a test can stop it as a whole (SIGSTOP): nothing reads its
 * socket then, nothing answers. Prints each change of an alarm as one line of JSON. Arguments: address of the dashboard, cookie.
 */

const [url = "", cookie = ""] = process.argv.slice(2);
const cursor = new FeedCursor();

function connect(): void {
  const socket = new WebSocket(`${url.replace("http", "ws")}/live?as=staff${cursor.query()}`, {
    headers: { origin: url, cookie },
  });
  socket.on("message", (data) => {
    const message = cursor.take(JSON.parse(String(data)) as LiveMessage);
    if (message?.is === "feed") process.stdout.write(`${JSON.stringify({ since: message.since })}\n`);
    if (message?.is !== "alarms") return;
    for (const { number, alarm } of message.changes)
      process.stdout.write(`${JSON.stringify({ number, id: alarm.id })}\n`);
  });
  socket.on("error", () => {});
  socket.on("close", () => setTimeout(connect, 200));
}
connect();
