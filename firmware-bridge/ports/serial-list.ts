import { readdirSync } from "node:fs";
import { realpath } from "node:fs/promises";

/** Ports that a sensor may hang on: of USB adapters, of microcontrollers, and of a board's own pins. */
const deviceName = /^tty(USB|ACM|AMA|THS|mxc)\d+$/;

/**
 * The serial ports of this machine by the name that stays the same when another device is plugged in, where the system
 * gives one (udev, `serial/by-id`); else by their device's name.
 *
 * @param folder in place of /dev
 */
export async function listSerialPorts(folder = "/dev"): Promise<readonly string[]> {
  const stable = namesIn(`${folder}/serial/by-id`);
  const plain = namesIn(folder).filter((path) => deviceName.test(path.slice(folder.length + 1)));
  const named = new Set(await Promise.all(stable.map((path) => realpath(path).catch(() => path))));
  return [...stable, ...plain.filter((path) => !named.has(path))].sort();
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}
