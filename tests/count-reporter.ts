import type { Reporter, TestModule } from "vitest/node";

/** Prints `N passed, N failed, N skipped` as the last line, so that people and machines read one line. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped: string[] = [];
    for (const module of modules) {
      const before = passed + failed + skipped.length;
      for (const test of module.children.allTests()) {
        switch (test.result().state) {
          case "passed":
            passed += 1;
            break;
          case "failed":
            failed += 1;
            break;
          default:
            skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
        }
      }
      // A file that does not even load has no tests; it is a failure of its own.
      if (module.state() === "failed" && passed + failed + skipped.length === before) failed += 1;
    }
    // After the summary of the default reporter, which is written in the same turn.
    process.on("exit", () => {
      for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
      process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
    });
  }
}
