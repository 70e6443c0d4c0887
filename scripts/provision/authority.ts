import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openssl } from "./openssl.ts";

/*
 * The ward's own authority: a folder with its key, its certificate, the register of all that was issued, and the list of what was
 * revoked. Whoever has the folder can make a unit; it belongs on no unit and, best, not on the station.
 */

/** 90 days: a unit that was carried away ends by itself. */
export const certificateDays = 90;
/** A machine whose clock is a little behind believes it too. */
const clockSlackMs = 3_600_000;
/** The authority's own, and as long as its list of revoked ones counts: an outdated list would shut everybody out. */
const authorityDays = 3_650;

export interface Issued {
  readonly name: string;
  /** Of the station and its units: `client`. */
  readonly use: "broker" | "client" | "sensor";
  readonly serial: string;
  readonly endsUtcMs: number;
  readonly state: "valid" | "expired" | "revoked";
}

const p256 = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out"];

const configuration = `[ca]
default_ca = ward
[ward]
dir = .
database = index.txt
unique_subject = no
new_certs_dir = issued
certificate = ca.pem
private_key = ca.key.pem
rand_serial = yes
crlnumber = crlnumber
default_md = sha256
default_days = ${certificateDays}
default_crl_days = ${authorityDays}
policy = any
[any]
organizationalUnitName = optional
commonName = supplied
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[broker]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = $ENV::QUIETROUND_NAMES
`;

export const hasAuthority = (folder: string): boolean => existsSync(join(folder, "ca.key.pem"));

/** @param ward for people who look at the certificate. Its key is made last but one: an interrupted one is begun anew. */
export function makeAuthority(folder: string, ward: string): void {
  mkdirSync(join(folder, "issued"), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "openssl.cnf"), configuration);
  writeFileSync(join(folder, "index.txt"), "");
  writeFileSync(join(folder, "index.txt.attr"), "unique_subject = no\n");
  writeFileSync(join(folder, "crlnumber"), "1000\n");
  openssl([...p256, "ca.key.new"], folder);
  const subject = `/O=Quietround/CN=Authority of ${ward.replaceAll(/[^\w .-]/g, " ")}`;
  const says = ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign,cRLSign"];
  openssl(
    [
      ...["req", "-x509", "-new", "-sha256", "-key", "ca.key.new", "-days", String(authorityDays), "-subj", subject],
      ...[...says.flatMap((say) => ["-addext", say]), "-out", "ca.pem"],
    ],
    folder,
  );
  renameSync(join(folder, "ca.key.new"), join(folder, "ca.key.pem"));
  writeList(folder);
}

export interface Wanted {
  readonly name: string;
  readonly use: Issued["use"];
  /** Of a broker: names and addresses where it is found. */
  readonly hosts?: readonly string[];
  /** Left out: from now for `certificateDays`. As openssl writes them: 20260101000000Z. */
  readonly between?: readonly [string, string];
}

/** A new key and its certificate: `<name>.key.pem` and `<name>.pem` in `into`, both replaced. */
export function issue(authority: string, into: string, { name, use, hosts = [], between }: Wanted): void {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const [key, cert, request] = [`${name}.key.pem`, `${name}.pem`, `${name}.csr`].map((file) => join(into, file)) as [
    string,
    string,
    string,
  ];
  openssl([...p256, `${key}.new`], into);
  openssl(["req", "-new", "-key", `${key}.new`, "-subj", `/OU=${use}/CN=${name}`, "-out", request], into);
  const now = Date.now();
  const [start, end] = between ?? [timeText(now - clockSlackMs), timeText(now + certificateDays * 86_400_000)];
  openssl(
    [
      ...[
        "ca",
        "-config",
        "openssl.cnf",
        "-batch",
        "-notext",
        "-extensions",
        use === "broker" ? "broker" : "client",
        "-startdate",
        start,
        "-enddate",
        end,
      ],
      ...["-in", request, "-out", `${cert}.new`],
    ],
    authority,
    { QUIETROUND_NAMES: hosts.length === 0 ? "DNS:none" : hosts.map(subjectAltName).join(",") },
  );
  rmSync(request);
  // Who reads between the two tries again.
  renameSync(`${key}.new`, key);
  renameSync(`${cert}.new`, cert);
}

const subjectAltName = (host: string): string => (/^([\d.]+|.*:.*)$/.test(host) ? `IP:${host}` : `DNS:${host}`);

/** Every certificate of this name that still counts. @returns how many */
export function revoke(authority: string, name: string): number {
  const valid = listIssued(authority).filter((one) => one.name === name && one.state === "valid");
  for (const { serial } of valid) {
    const paths = ["-revoke", join("issued", `${serial}.pem`), "-crl_reason", "keyCompromise"];
    openssl(["ca", "-config", "openssl.cnf", ...paths], authority, { QUIETROUND_NAMES: "DNS:none" });
  }
  writeList(authority);
  return valid.length;
}

function writeList(authority: string): void {
  const args = ["ca", "-config", "openssl.cnf", "-gencrl", "-out", "crl.pem.new"];
  openssl(args, authority, { QUIETROUND_NAMES: "DNS:none" });
  renameSync(join(authority, "crl.pem.new"), join(authority, "crl.pem"));
}

/** The register that openssl keeps: state, end, revocation, serial, file, subject; one a line, the oldest first. */
export function listIssued(authority: string, nowUtcMs = Date.now()): readonly Issued[] {
  return readFileSync(join(authority, "index.txt"), "utf8")
    .split("\n")
    .flatMap((line): readonly Issued[] => {
      const [state, ends, , serial, , subject] = line.split("\t");
      const [, use, name] = /^\/OU=(broker|client|sensor)\/CN=(.+)$/.exec(subject ?? "") ?? [];
      if (ends === undefined || serial === undefined || name === undefined) return [];
      const endsUtcMs = readTime(ends);
      const now = state === "R" ? "revoked" : endsUtcMs <= nowUtcMs ? "expired" : "valid";
      return [{ name, use: use as Issued["use"], serial, endsUtcMs, state: now }];
    });
}

const timeText = (utcMs: number): string => `${new Date(utcMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;

/** RFC 5280 4.1.2.5.1: YYMMDDHHMMSSZ, until 2049; later with four digits of the year. */
function readTime(text: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const whole = Number(year) < 100 ? 2_000 + Number(year) : Number(year);
  return Date.UTC(whole, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}
