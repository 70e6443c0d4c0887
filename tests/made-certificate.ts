import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** A certificate of its own making (P-256) for this machine, by openssl; `name` tells two of them apart. */
export function makeCertificate(folder: string, name: string, days = 30): { certificateFile: string; keyFile: string } {
  const certificateFile = join(folder, `${name}.crt`);
  const keyFile = join(folder, `${name}.key`);
  const wanted = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", String(days)];
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", ...wanted, ...names, "-keyout", keyFile, "-out", certificateFile], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return { certificateFile, keyFile };
}
