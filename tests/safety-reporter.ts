import type { Reporter, TestModule } from "vitest/node";
import { readSafetyCase, type SafetyCase } from "../scripts/safety-case.ts";

export interface PassedTest {
  readonly file: string;
  readonly name: string;
}

/** Tests of the safety case's controls that did not pass in this run, in words. */
export function testsThatMissed({ hazards }: SafetyCase, passed: readonly PassedTest[]): string[] {
  return hazards.flatMap(({ id, controls }) =>
    controls.flatMap(({ tests }) =>
      tests.flatMap(({ file, name }) =>
        passed.some((one) => one.file === file && one.name.includes(name)) ? [] : [`${id}: ${file} > ${name}`],
      ),
    ),
  );
}

/** After a run of all tests: a hazard whose control was not shown to hold fails the run, also where no test failed. */
export default class SafetyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const passed = modules.flatMap((module) =>
      [...module.children.allTests()]
        .filter((test) => test.result().state === "passed")
        .map((test) => ({ file: module.relativeModuleId, name: test.fullName })),
    );
    const missed = testsThatMissed(readSafetyCase(), passed);
    for (const one of missed) process.stdout.write(`safety case: no test showed this control to hold: ${one}\n`);
    if (missed.length > 0) process.exitCode = 1;
  }
}
