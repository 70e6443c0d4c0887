import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialName, makeKeyFile } from "../edge-agent/records/data-key-place.ts";

/** Once for all tests and the processes that they start: a data key where systemd would put a service's credential. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "quietround-credentials-"));
  makeKeyFile(join(folder, credentialName));
  process.env.CREDENTIALS_DIRECTORY = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
