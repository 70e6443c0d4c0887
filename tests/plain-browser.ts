import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";

/**
 * A browser that behaves as on a nurse's desk: sound waits for a touch, a page behind another one is hidden and slowed, a wake lock
 * is let go. Playwright's own browsers are told to ignore all that, so this one is started plainly and only then connected to.
 */
export interface PlainBrowser {
  readonly page: Page;
  readonly devtools: CDPSession;
  /** Stops the browser's process that draws, or the one that plays; the page's own goes on. Returns what lets it go on. */
  freeze(part: "drawing" | "playing"): Promise<() => void>;
  stop(): Promise<void>;
}

export async function startPlainBrowser(): Promise<PlainBrowser> {
  const folder = mkdtempSync(join(tmpdir(), "quietround-browser-"));
  const child = spawn(
    "/usr/bin/chromium",
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--mute-audio",
      "--no-first-run",
      "--disable-background-networking",
      "--remote-debugging-port=0",
      `--user-data-dir=${folder}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const address = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(`the browser ended: ${said}`)));
  });
  const browser: Browser = await chromium.connectOverCDP(address, { noDefaults: true });
  const context = browser.contexts()[0];
  if (context === undefined) throw new Error("the browser has no window");
  const page = await context.newPage();
  return {
    page,
    devtools: await context.newCDPSession(page),
    async freeze(part) {
      const session = await browser.newBrowserCDPSession();
      const { processInfo } = await session.send("SystemInfo.getProcessInfo");
      const wanted = part === "drawing" ? "GPU" : "audio.mojom.AudioService";
      const pid = processInfo.find(({ type }) => type === wanted)?.id;
      if (pid === undefined) throw new Error(`no process for ${part}`);
      process.kill(pid, "SIGSTOP");
      return () => void process.kill(pid, "SIGCONT");
    },
    async stop() {
      await browser.close();
      const ended = once(child, "exit");
      if (child.exitCode === null && child.signalCode === null) {
        child.kill();
        await ended;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
