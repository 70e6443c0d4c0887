import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readEntry } from "../edge-agent/audit/entry.ts";
import { SiteConfig } from "../edge-agent/contract/config.ts";
import { openForReading } from "../edge-agent/records/open.ts";
import { freePort } from "../scripts/free-port.ts";
import { carryOut } from "../scripts/install/carry-out.ts";
import { installPlan, usualPlaces } from "../scripts/install/plan.ts";
import { templatesIn } from "../scripts/install/templates.ts";
import { packagesList, shippedPackageFiles } from "../scripts/release/packages.ts";
import { signRelease } from "../scripts/release/sign.ts";
import { placeIn, type UpdatePlace } from "../scripts/update/place.ts";
import { servicesBy } from "../scripts/update/services.ts";
import { oneBedroom, signedAssessment } from "./one-bedroom.ts";

/* A folder that stands for a station: releases that are signed, one that is installed, and a service manager that runs the real processes. */

export const project = fileURLToPath(new URL("..", import.meta.url));
const parts = [
  "edge-agent",
  "firmware-bridge",
  "dashboard",
  "models",
  "scripts",
  "config",
  "package.json",
  "package-lock.json",
];
/** Of packages, what another machine would run, what only builds pages, and what is there twice. */
const foreign = new RegExp(
  `^onnxruntime-node/bin/napi-v6/(?!linux/${process.arch}/)|^node/|^(@esbuild|esbuild|sass|@fontsource|@parcel)/`,
);

export interface Machine {
  /** Everything of the test; removed at the end. */
  readonly folder: string;
  readonly root: string;
  readonly place: UpdatePlace;
  readonly site: SiteConfig;
  /** Stands for systemctl. */
  readonly systemctl: string;
  /** A release of this program for this site, signed; `change` before it is signed. */
  release(number: number, change?: (program: string) => void): string;
  update(...args: string[]): SpawnSyncReturns<string>;
  /** As `update`, without waiting. */
  updating(...args: string[]): {
    readonly done: Promise<{ status: number | null; said: string }>;
    readonly pid: number;
  };
  service(verb: string): string;
  /** What the service said. */
  log(): string;
  /** Entries of the ward's log, or only those of one action. */
  entries(action?: string): { readonly action: string; readonly detail: Record<string, unknown> }[];
  stop(): void;
}

export async function installedMachine(options: { readonly packages: "real" | "none" }): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), "quietround-machine-"));
  const root = join(folder, "machine");
  const makers = createPrivateKey(
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  );
  const ports: number[] = [];
  while (ports.length < 3) {
    const port = await freePort("127.0.0.1", 0);
    if (port !== undefined && !ports.includes(port)) ports.push(port);
  }
  const [framesPort, controlPort, port] = ports;
  const example = JSON.parse(readFileSync(oneBedroom(folder), "utf8"));
  const [bed] = example.beds;
  const written = {
    ...example,
    demonstration: false,
    assessmentVersion: "1.0",
    consent: { ...example.consent, languages: ["en"] },
    brokers: { framesPort, controlPort },
    dashboard: { port },
    beds: [
      { ...bed, sensors: [{ ...bed.sensors[0], port: { via: "simulated", seed: 3, scene: "asleep", speed: 1 } }] },
    ],
  };
  const site = SiteConfig.parse(written);
  const shared = join(folder, "packages", "node_modules");
  mkdirSync(shared, { recursive: true });
  if (options.packages === "real") linkPackages(shared);
  const listOfPackages = packagesListOf(dirname(shared));

  const release: Machine["release"] = (number, change) => {
    const program = join(folder, `release-${number}`);
    mkdirSync(join(program, "site"), { recursive: true });
    for (const part of parts)
      cpSync(join(project, part), join(program, part), {
        recursive: true,
        filter: (path) => !/\.test\.ts$|models\/training/.test(path),
      });
    mkdirSync(join(program, "dashboard/web/built"), { recursive: true });
    if (!existsSync(join(program, "dashboard/web/built/quietround.css")))
      writeFileSync(join(program, "dashboard/web/built/quietround.css"), "");
    symlinkSync(shared, join(program, "node_modules"));
    writeFileSync(join(program, "site/site.json"), JSON.stringify(written));
    writeFileSync(join(program, "site/assessment.json"), JSON.stringify(signedAssessment));
    change?.(program);
    const name = "maker.example/release";
    const config = join(program, "site/site.json");
    signRelease({ root: program, config, key: makers, name, number, packages: listOfPackages });
    return program;
  };

  const systemctl = join(folder, "systemctl");
  const runner = fileURLToPath(new URL("service-runner.ts", import.meta.url));
  writeFileSync(systemctl, `#!/bin/sh\nexec ${process.execPath} ${runner} ${root} "$@"\n`, { mode: 0o755 });
  const place = placeIn(root, usualPlaces, servicesBy(systemctl), () => {});
  const first = release(1);
  const siteFiles = new Map(
    readdirSync(join(first, "site")).map((name) => [name, readFileSync(join(first, "site", name), "utf8")] as const),
  );
  const plan = installPlan({
    ...{ kind: "station", places: usualPlaces, release: 1, site, siteFiles },
    templates: templatesIn(join(first, "config")),
  });
  carryOut(plan, { from: first, root, dryRun: false, say: () => {} }, usualPlaces.prefix);
  process.env.CREDENTIALS_DIRECTORY = place.config;

  const command = (args: readonly string[]): string[] => [
    join(project, "scripts/ward-update.ts"),
    ...["--root", root, "--service-manager", systemctl],
    ...args,
  ];
  return {
    ...{ folder, root, place, site, systemctl, release },
    update: (...args) =>
      spawnSync(process.execPath, command(args), { encoding: "utf8", timeout: 240_000, maxBuffer: 64_000_000 }),
    updating(...args) {
      const child = spawn(process.execPath, command(args), { stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (bytes: Buffer) => (said += bytes.toString()));
      const done = new Promise<{ status: number | null; said: string }>((resolve) =>
        child.once("close", (status) => resolve({ status, said })),
      );
      return { done, pid: child.pid ?? 0 };
    },
    service: (verb) =>
      spawnSync(systemctl, [verb, "quietround.service"], { encoding: "utf8", timeout: 60_000 }).stdout.trim(),
    log: () => {
      const file = join(root, "run/quietround.service.log");
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    },
    entries(action) {
      const db = openForReading(join(place.data, "ward.sqlite"));
      try {
        const rows = db.prepare("SELECT data FROM entry ORDER BY idx").pluck().all() as Buffer[];
        return rows
          .map((row) => {
            const read = readEntry(new Uint8Array(row));
            if (!read.ok) throw new Error(read.words);
            return read.entry;
          })
          .filter((entry) => action === undefined || entry.action === action);
      } finally {
        db.close();
      }
    },
    stop() {
      spawnSync(systemctl, ["stop", "quietround.service"], { timeout: 60_000 });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Each file with its path and bytes (links: where they point): two pictures are equal where nothing was changed. */
export function pictureOf(folder: string, without: RegExp): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => [join(entry.parentPath, entry.name).slice(folder.length), entry] as const)
      .filter(([path]) => !without.test(path))
      .map(([path, entry]) => {
        const file = join(folder, path);
        if (entry.isSymbolicLink()) return [path, `-> ${readlinkSync(file)}`];
        return [path, `${(statSync(file).mode & 0o777).toString(8)} ${readFileSync(file, "latin1")}`];
      }),
  );
}

/** What a ward runs of the packages, as further names of the same files. */
function linkPackages(to: string): void {
  const made = new Set<string>();
  for (const { path, is } of shippedPackageFiles(project)) {
    if (is === "link" || foreign.test(path)) continue;
    const folder = dirname(join(to, path));
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    linkSync(join(project, "node_modules", path), join(to, path));
  }
  // 126 MB that every release would copy again.
  mkdirSync(join(to, "node/bin"), { recursive: true });
  writeFileSync(join(to, "node/bin/node"), `#!/bin/sh\nexec ${process.execPath} "$@"\n`, { mode: 0o755 });
  // 126 MB that every release would copy again.
  mkdirSync(join(to, "node/bin"), { recursive: true });
  writeFileSync(join(to, "node/bin/node"), `#!/bin/sh\nexec ${process.execPath} "$@"\n`, { mode: 0o755 });
}

function packagesListOf(root: string): string {
  writeFileSync(join(root, "package-lock.json"), readFileSync(join(project, "package-lock.json")));
  return packagesList(root);
}
