import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";

/* What systemd hears of a process of ours. */

const project = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "quietround-notify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the service manager", () => {
  let ear: ChildProcess | undefined;
  afterEach(() => ear?.kill());

  it("hears that the process is ready, again and again that it lives, and nothing while its loop hangs", async () => {
    const path = join(folder, "notify");
    const heard = join(folder, "heard");
    ear = spawn("socat", ["-u", `UNIX-RECV:${path}`, `OPEN:${heard},creat,append`], { stdio: "ignore" });
    await expect.poll(() => existsSync(path)).toBe(true);
    const file = join(folder, "service.ts");
    const module = (name: string) => JSON.stringify(join(project, "edge-agent", "platform", name));
    writeFileSync(
      file,
      `import { serviceManager } from ${module("service-manager.ts")};
       import { newLog } from ${module("log.ts")};
       serviceManager(newLog("test")).ready();
       process.on("SIGUSR1", () => { for (;;); });
       setInterval(() => {}, 1_000);`,
    );
    const service = spawn(process.execPath, [file], {
      stdio: "ignore",
      env: { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: "600000" },
    });
    try {
      const words = (): string => (existsSync(heard) ? readFileSync(heard, "utf8") : "");
      const lives = (): number => words().split("WATCHDOG=1").length - 1;
      await expect.poll(words).toContain("READY=1");
      await expect.poll(lives).toBeGreaterThan(3);
      service.kill("SIGUSR1");
      // What was under way is said to its end; then it is still.
      let before = -1;
      await expect
        .poll(
          async () => {
            const is = lives() === before;
            before = lives();
            await new Promise((resolve) => setTimeout(resolve, 1_000));
            return is && lives() === before;
          },
          { timeout: 20_000 },
        )
        .toBe(true);
    } finally {
      service.kill("SIGKILL");
    }
  });
});
