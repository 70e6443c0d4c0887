import type { FastifyInstance } from "fastify";
import type { Tile } from "../../edge-agent/contract/tile.ts";
import type { MonoMs } from "../../edge-agent/contract/units.ts";
import { notMonitoredWords } from "../web/components/bed-tile/bed-words.ts";
import { openingOf, receiveSetUp, type SetUpDeps, setUpFrame } from "./staff/set-up-visit.ts";

/** A room's loop answers each second; a tile that is older has missed it. */
const tileLateMs = 3_000;

interface EngineerDeps extends SetUpDeps {
  readonly now: () => MonoMs;
}

/** /engineer: whether every room is read and answered in time, in words first. About sensors and the loop; nobody's data. */
export function engineerPage(app: FastifyInstance, deps: EngineerDeps): void {
  const { pages, agent, site, now } = deps;
  app.get("/engineer", async (request, reply) => {
    const visit = await receiveSetUp(deps, request, reply, ["engineer", "nurse-in-charge"]);
    if (visit === undefined) return reply;
    reply.header("refresh", "5");
    return pages.openWith(reply, "engineer.njk", visit.who, openingOf(visit), 200, async () => {
      const rooms = site.beds.map(({ bed, name, device }) => {
        const heard = agent.tile(bed);
        const tileAgeMs = heard === undefined ? null : now() - heard.heardAt;
        return { name, device, ...roomOf(heard?.tile, tileAgeMs) };
      });
      return {
        ...setUpFrame(deps, visit),
        health: agent.health(),
        differing: agent.ward()?.differing ?? [],
        rooms,
        ...summaryOf(rooms),
      };
    });
  });
}

function roomOf(tile: Tile | undefined, tileAgeMs: number | null) {
  if (tile === undefined || tileAgeMs === null)
    return { verdict: "late", words: "Nothing was heard of this room yet" } as const;
  const { engineering, sensor, notMonitored, dataAgeMs } = tile;
  const { framesAccepted, dropped, inferences, inferenceMs, inferencesLate, sentOut } = engineering;
  const silent = tileAgeMs > tileLateMs;
  return {
    verdict: silent || inferencesLate > 0 ? "late" : "in-time",
    words: silent
      ? `The agent has said nothing of it for ${Math.round(tileAgeMs / 1_000)} s`
      : notMonitored === null
        ? "Read, and answered"
        : notMonitoredWords[notMonitored],
    sensor: `${sensor.model ?? "no sensor"}: ${sensor.detail}`,
    ageSec: dataAgeMs === null ? null : (dataAgeMs / 1_000).toFixed(1),
    framesAccepted,
    dropped: Object.entries(dropped)
      .map(([why, count]) => `${count} ${why}`)
      .join(", "),
    inferences,
    inferenceMs: inferenceMs === null ? null : inferenceMs.toFixed(1),
    inferencesLate,
    sentOut: sentOut === undefined ? null : sentOutWords(sentOut),
  } as const;
}

/** MB of a budget that its sensors' frames would spend within minutes. */
function sentOutWords({ bytesInHour, bytesPerHourMax, heldBack }: NonNullable<Tile["engineering"]["sentOut"]>): string {
  const told = `${(bytesInHour / 1e6).toFixed(1)} of ${(bytesPerHourMax / 1e6).toFixed(1)} MB`;
  return heldBack === 0 ? told : `${told}; ${heldBack} held back`;
}

function summaryOf(rooms: readonly { readonly name: string; readonly verdict: "late" | "in-time" }[]) {
  const late = rooms.filter(({ verdict }) => verdict === "late").map(({ name }) => name);
  return { late, count: rooms.length };
}
