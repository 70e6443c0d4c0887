import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialName, makeKeyFile } from "../edge-agent/records/data-key-place.ts";

/*
 * Imported first by a script that makes records of its own and throws them away: they are sealed as a ward's are, with a key that
 * goes with them. A child process finds the same key.
 */

if (process.env.CREDENTIALS_DIRECTORY === undefined) {
  const folder = mkdtempSync(join(tmpdir(), "quietround-trial-key-"));
  makeKeyFile(join(folder, credentialName));
  process.env.CREDENTIALS_DIRECTORY = folder;
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
}
