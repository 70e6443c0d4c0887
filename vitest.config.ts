import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{edge-agent,firmware-bridge,dashboard,models,scripts,tests}/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    reporters: process.env.VITEST_PLAIN === undefined ? ["default", "./tests/count-reporter.ts"] : ["default"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
