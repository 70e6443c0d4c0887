import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{edge-agent,firmware-bridge,dashboard,models,scripts,tests}/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    globalSetup: ["./tests/data-key-for-tests.ts"],
    reporters: [
      "default",
      ...(process.env.QUIETROUND_SAFETY_CASE === undefined ? [] : ["./tests/safety-reporter.ts"]),
      ...(process.env.VITEST_PLAIN === undefined ? ["./tests/count-reporter.ts"] : []),
    ],
    // Long, because the machine may be busy: what is waited for has come, and nobody waits longer.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
    pool: "forks",
    // More than the cores of the smallest machine: most files wait for seconds to pass, or for a browser.
    maxWorkers: 3,
  },
});
