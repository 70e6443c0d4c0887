import { spawnSync } from "node:child_process";

/*
 * Certificates are made by the `openssl` command: Debian keeps it sound with its security updates, it knows revocation lists and a
 * register of what was issued, and no package of ours has to be trusted with the ward's key.
 */

export class OpensslError extends Error {}

/** @param env read by the configuration as $ENV::NAME. Throws OpensslError with its own words. */
export function openssl(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): string {
  const { error, status, stdout, stderr } = spawnSync("openssl", [...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error !== undefined) {
    throw new OpensslError(`openssl cannot be run (${error.message}); on Debian: apt-get install openssl`);
  }
  if (status !== 0)
    throw new OpensslError(`openssl ${args[0]} failed: ${stderr.trim().split("\n").slice(-3).join("; ")}`);
  return stdout;
}
