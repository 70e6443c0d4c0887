import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folders = ["systemd", "journald", "sysctl", "udev"];

/** Files of a project's config/ from which an installation is made, by path below it. */
export function templatesIn(config: string): Map<string, string> {
  return new Map(
    folders.flatMap((one) =>
      readdirSync(join(config, one)).map((name) => [`${one}/${name}`, readFileSync(join(config, one, name), "utf8")]),
    ),
  );
}
