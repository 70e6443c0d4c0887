import type { Reporter, TestModule } from "vitest/node";

const firstLine = (message: string | undefined): string => (message ?? "").split("\n")[0]?.slice(0, 300) ?? "";

/**
 * Prints `N passed, N failed, N skipped` as the last line, so that people and machines read one line,
 * and above it what failed: who keeps only the end of a long output has what is needed to look further.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped: string[] = [];
    const failures = unhandledErrors.map((error) => `outside a test: ${firstLine(wordsOf(error))}`);
    for (const module of modules) {
      const before = passed + failed + skipped.length;
      for (const test of module.children.allTests()) {
        switch (test.result().state) {
          case "passed":
            passed += 1;
            break;
          case "failed":
            failed += 1;
            failures.push(
              `${module.relativeModuleId} > ${test.fullName}: ${firstLine(test.result().errors?.[0]?.message)}`,
            );
            break;
          default:
            skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
        }
      }
      // A file that does not even load has no tests; it is a failure of its own.
      if (module.state() === "failed" && passed + failed + skipped.length === before) {
        failed += 1;
        failures.push(`${module.relativeModuleId}: ${firstLine(module.errors()[0]?.message)}`);
      }
    }
    // After the summary of the default reporter, which is written in the same turn.
    process.on("exit", () => {
      for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
      for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
      process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
    });
  }
}

/** What was thrown may be anything, also what has no words of its own. */
function wordsOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { message } = error as { readonly message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(error);
}
