import { kindOfModel, type SensorModel, serialPorts } from "../edge-agent/contract/config.ts";
import type { FrameKind } from "../edge-agent/contract/frames.ts";
import type { Found, Probed } from "./probe-port.ts";

/* What a probe of serial ports found, as a person reads it, and as the configuration takes it. */

/** To be pasted into `beds[].sensors`. What must be measured or looked up is null, and the configuration refuses it. */
export interface Pasted {
  readonly sensor: string;
  readonly model: SensorModel;
  readonly port: { readonly via: "serial"; readonly path: string | null; readonly commandsPath?: string | null };
  readonly placement?: null;
}

const named: Readonly<Record<FrameKind, string>> = {
  "radar-iq": "radar",
  depth: "depth",
  "radar-vitals": "module",
  "radar-targets": "module",
};

/** @param others every port that there is: a sensor with two is one of them beside another */
export function pasted(found: readonly { path: string; found: Found }[], others: readonly string[]): readonly Pasted[] {
  const counts = new Map<string, number>();
  return found
    .filter(({ path, found: one }) => !isSecondOf(path, one, found))
    .map(({ path, found: one }) => {
      const model = one.models[0] as SensorModel;
      const name = named[kindOfModel[model]];
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const sibling = siblingOf(path, others);
      const two = one.link === "commands" ? { path: sibling, commandsPath: path } : { path, commandsPath: sibling };
      return {
        sensor: `${name}-${count}`,
        model,
        port: { via: "serial", ...(serialPorts(model) === "two" ? two : { path }) },
        ...(kindOfModel[model] === "depth" ? { placement: null } : {}),
      };
    });
}

/** Both ports of one sensor were recognised: it is pasted once, by that of its commands. */
const isSecondOf = (path: string, one: Found, all: readonly { path: string; found: Found }[]): boolean =>
  one.link === "data" &&
  serialPorts(one.models[0] as SensorModel) === "two" &&
  all.some(({ path: other, found }) => found.link === "commands" && siblingOf(other, [path]) !== null);

/** The other port of the same adapter: its stable name differs in the interface only (`-if00`, `-if01-port0`). */
function siblingOf(path: string, others: readonly string[]): string | null {
  const adapter = /^(.+)-if\d\d(-port\d)?$/.exec(path)?.[1];
  const same = others.filter((other) => other !== path && other.replace(/-if\d\d(-port\d)?$/, "") === adapter);
  return adapter !== undefined && same.length === 1 ? (same[0] ?? null) : null;
}

export function wordsOf(path: string, probed: Probed): string {
  switch (probed.is) {
    case "failed":
      return `${path}: ${probed.words}`;
    case "unknown":
      return probed.bytes === 0
        ? `${path}: no sensor that is known: it says nothing and answers no command`
        : `${path}: no sensor that is known, though it sends (most at ${probed.baudRate} baud: ${probed.bytes} bytes)`;
    case "found": {
      const { models, baudRate, how, why, link } = probed;
      const port = link === "commands" ? ", its port for commands" : "";
      const name = `${path}: ${how === "sure" ? "" : `${how} `}${models.join(" or ")} at ${baudRate} baud${port} (${why})`;
      if (models.length === 1) return name;
      const apart =
        link === "commands"
          ? "which it is, whoever put its firmware on it can say"
          : "to tell them apart, take its power away, give it back, and ask again";
      return `${name}. The first is in the configuration below; ${apart}`;
    }
  }
}
