import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const run = (script: string, ...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], { encoding: "utf8" });

test.each(["estimate", "bench/main", "record-session", "invite"])(
  "%s says what it does not know and how it is used, and ends with code 2",
  (name) => {
    for (const [wrong, words] of [
      ["--foo", "Unknown option '--foo'"],
      ["stray", "Unexpected argument 'stray'"],
    ] as const) {
      const { status, stdout, stderr } = run(`./${name}.ts`, wrong);
      expect(stderr).toContain(words);
      expect(stderr).toContain("npm run");
      expect(stderr).not.toContain("    at ");
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    }
  },
);
