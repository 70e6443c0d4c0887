import { createRequire } from "node:module";

/*
 * Loaded before a process of the ward: after SIGUSR2 its next write to a database brings it down, in the middle of what somebody
 * asked for, as a bug of ours would.
 */

const Database = createRequire(import.meta.url)("better-sqlite3");
const probe = new Database(":memory:");
const statement = Object.getPrototypeOf(probe.prepare("SELECT 1"));
probe.close();
const { run } = statement;
let armed = false;
process.on("SIGUSR2", () => {
  armed = true;
});
statement.run = function injected(...values) {
  if (armed) {
    queueMicrotask(() => {
      throw new TypeError("an injected exception");
    });
  }
  return run.apply(this, values);
};
