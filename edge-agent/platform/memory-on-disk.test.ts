import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { coreLimitIn, swapsIn } from "./memory-on-disk.ts";

const module = pathToFileURL(fileURLToPath(new URL("memory-on-disk.ts", import.meta.url))).href;

describe("memory on a disk", () => {
  it("a process that was started with core dumps on has them off, its words say what is left, and the hard limit is kept", () => {
    const code = `
      import { readFileSync } from "node:fs";
      const { keepMemoryOffDisk } = await import(${JSON.stringify(module)});
      const said = [];
      keepMemoryOffDisk({ debug() {}, info() {}, error() {}, warn: (_fields, words) => said.push(words) });
      console.log(JSON.stringify({ limits: readFileSync("/proc/self/limits", "utf8"), said }));`;
    const node = [process.execPath, "--input-type=module", "-e", code];
    const ran = spawnSync("prlimit", ["--core=4096:4096", ...node], { encoding: "utf8" });
    const { limits, said } = JSON.parse(ran.stdout) as { limits: string; said: string[] };
    expect(coreLimitIn(limits)).toBe("0");
    expect(said.filter((words) => words.startsWith("core dumps"))).toEqual([]);
    const swapIsOn = swapsIn(readFileSync("/proc/swaps", "utf8")).length > 0;
    expect(said.some((words) => words.startsWith("swap is on"))).toBe(swapIsOn);
    // Without the program that sets the limit it is said.
    const without = spawnSync("/usr/bin/prlimit", ["--core=4096:4096", ...node], {
      encoding: "utf8",
      env: { PATH: "/none" },
    });
    expect(JSON.parse(without.stdout).said.join()).toContain("core dumps are on");
  });

  it("reads what the system tells", () => {
    const head = "Limit                     Soft Limit           Hard Limit           Units     \n";
    expect(coreLimitIn(`${head}Max core file size        unlimited            unlimited            bytes     \n`)).toBe(
      "unlimited",
    );
    expect(
      coreLimitIn(`${head}Max stack size            8388608              unlimited            bytes     \n`),
    ).toBeUndefined();
    const titles = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
    expect(swapsIn(titles)).toEqual([]);
    expect(
      swapsIn(
        `${titles}/dev/zram0                              partition\t8388604\t\t0\t\t100\n/swapfile file 1 0 -2\n`,
      ),
    ).toEqual(["/dev/zram0", "/swapfile"]);
  });
});
