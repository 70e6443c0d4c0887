import { afterEach, expect, test } from "vitest";
import { newLog, plainLine, readLogLine } from "./log.ts";

const form = process.env.QUIETROUND_LOG;
afterEach(() => {
  if (form === undefined) delete process.env.QUIETROUND_LOG;
  else process.env.QUIETROUND_LOG = form;
});

test("a line has part, level as a word, ISO time, fields and words", () => {
  process.env.QUIETROUND_LOG = "json";
  const lines: string[] = [];
  newLog("bridge", (line) => lines.push(line)).warn({ port: 6110 }, "connection refused");
  expect(readLogLine(lines[0] ?? "")).toMatchObject({
    level: "warn",
    part: "bridge",
    words: "connection refused",
    fields: { port: 6110 },
  });
  expect(JSON.parse(lines[0] ?? "{}").time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("the plain form says the same in one line", () => {
  process.env.QUIETROUND_LOG = "plain";
  const lines: string[] = [];
  newLog("bridge", (line) => lines.push(line)).error({ port: 6110, host: "a" }, "connection refused");
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d ERROR bridge: connection refused \(port 6110, host a\)\n$/);
  expect(plainLine("not ours {")).toBe("not ours {");
});

test("a secret or a sample that is logged by mistake is not written", () => {
  process.env.QUIETROUND_LOG = "json";
  const lines: string[] = [];
  const log = newLog("agent", (line) => lines.push(line));
  const canary = "canary-4711";
  log.info({ password: canary, ask: { code: canary, session: canary }, payload: [canary], label: canary }, "an ask");
  expect(lines.join("")).not.toContain(canary);
  expect(lines.join("")).toContain("[redacted]");
});

test("a cause is written with its own cause", () => {
  process.env.QUIETROUND_LOG = "json";
  const lines: string[] = [];
  newLog("agent", (line) => lines.push(line)).error(
    { cause: new Error("outer", { cause: new Error("inner") }) },
    "failed",
  );
  expect(lines[0]).toContain("outer");
  expect(lines[0]).toContain("inner");
});
