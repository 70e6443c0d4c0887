import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

/* The model's runtime tells nobody what it runs: no connection is tried, and nothing is kept in the account's home. */

const root = fileURLToPath(new URL("..", import.meta.url));
const model = join(root, "models", "radar-breathing", "model.onnx");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quietround-telemetry-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Where this program's threads tried to connect to, and what it left in its home. */
async function watched(program: string): Promise<{ readonly connects: string[]; readonly left: string[] }> {
  const home = join(folder, "home");
  mkdirSync(home);
  const file = join(folder, "program.ts");
  writeFileSync(file, program);
  const trace = join(folder, "trace");
  // As on a ward: under CI the runtime keeps still by itself.
  const env = { HOME: home, PATH: process.env.PATH ?? "" };
  const child = spawn("strace", ["-f", "-e", "trace=connect", "-o", trace, process.execPath, file], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  expect(code).toBe(0);
  const connects = readFileSync(trace, "utf8")
    .split("\n")
    .filter((line) => /AF_INET/.test(line));
  return { connects, left: readdirSync(home, { recursive: true }).map(String) };
}

it("as the agent runs it", async () => {
  const inference = join(root, "edge-agent", "io", "inference.ts");
  const log = join(root, "edge-agent", "platform", "log.ts");
  const { connects, left } = await watched(`
    import { InferenceThread } from ${JSON.stringify(inference)};
    import { newLog } from ${JSON.stringify(log)};
    const thread = new InferenceThread({ breathing: ${JSON.stringify(model)} }, newLog("test"));
    await thread.start();
    await thread.stop();
  `);
  expect(left).toEqual([]);
  expect(connects).toEqual([]);
});

it("which can be seen: left alone it keeps a database of what it would tell", async () => {
  const runtime = join(root, "node_modules", "onnxruntime-node", "dist", "index.js");
  const { left } = await watched(`
    import runtime from ${JSON.stringify(runtime)};
    await runtime.InferenceSession.create(${JSON.stringify(model)});
  `);
  expect(left.join()).toContain("onnxruntime");
});
