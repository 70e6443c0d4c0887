import type { FastifyInstance, FastifyReply } from "fastify";
import type { BedConfig, SensorConfig } from "../../../edge-agent/contract/config.ts";
import type { Tile } from "../../../edge-agent/contract/tile.ts";
import type { SensorState } from "../../../edge-agent/contract/words.ts";
import { bodyOf, textOf } from "../person/form-body.ts";
import { statusOf } from "../told-status.ts";
import { bedsInFloorOrder } from "./floor.ts";
import { askSetUp, openingOf, receiveSetUp, type SetUpDeps, type SetUpVisit, setUpFrame } from "./set-up-visit.ts";

const roles = ["nurse-in-charge", "engineer"] as const;

const stateWords: Readonly<Record<SensorState, string>> = {
  unknown: "Not confirmed yet",
  off: "Off",
  ignored: "Cannot be switched off; not read",
  starting: "Starting",
  on: "On",
  stopping: "Stopping",
  lost: "No connection",
  "recording-ended": "The recording has ended",
};

/** /set-up/beds: beds in floor order with their sensors. The order is changed here; beds and sensors in the configuration. */
export function bedsRoutes(app: FastifyInstance, deps: SetUpDeps): void {
  app.get("/set-up/beds", async (request, reply) => {
    const visit = await receiveSetUp(deps, request, reply, roles);
    if (visit === undefined) return reply;
    // The keyboard stays on the bed that it moves.
    const { moved, to } = request.query as { moved?: unknown; to?: unknown };
    return show(deps, visit, reply, { fault: null, moved, to });
  });

  app.post("/set-up/beds", async (request, reply) => {
    const visit = await receiveSetUp(deps, request, reply, roles);
    if (visit === undefined) return reply;
    const body = bodyOf(request.body);
    const order = (await bedsInFloorOrder(deps.site, deps.reports)).map(({ bed }) => bed);
    const beds = moved(order, textOf(body, "bed"), textOf(body, "to") === "later" ? 1 : -1);
    const told = await askSetUp(deps, visit, { do: "floor-order", beds });
    if (!told.ok) return show(deps, visit, reply, { fault: told.words }, statusOf(told.why));
    const moving = new URLSearchParams({
      moved: textOf(body, "bed").slice(0, 32),
      to: textOf(body, "to").slice(0, 10),
    });
    return reply.redirect(`/set-up/beds?${moving}`, 303);
  });
}

/** The same order where the bed is not in it, or stands at that end already. */
export function moved(order: readonly string[], bed: string, by: 1 | -1): string[] {
  const from = order.indexOf(bed);
  const to = from + by;
  if (from < 0 || to < 0 || to >= order.length) return [...order];
  const rest = order.filter((one) => one !== bed);
  return [...rest.slice(0, to), bed, ...rest.slice(to)];
}

function show(
  deps: SetUpDeps,
  visit: SetUpVisit,
  reply: FastifyReply,
  shown: { readonly fault: string | null; readonly moved?: unknown; readonly to?: unknown },
  status = 200,
): Promise<FastifyReply> {
  const { pages, reports, site, agent } = deps;
  return pages.openWith(reply, "set-up-beds.njk", visit.who, openingOf(visit), status, async () => {
    const beds = await bedsInFloorOrder(site, reports);
    return {
      ...setUpFrame(deps, visit),
      ...shown,
      heard: agent.health().agent === "heard",
      beds: beds.map((bed) => ({
        bed: bed.bed,
        name: bed.name,
        device: bed.device,
        at: `beds[${site.beds.indexOf(bed)}]`,
        ...sensorsOf(bed, agent.tile(bed.bed)?.tile),
      })),
    };
  });
}

/** The agent tells one state for the sensors of a bed together. */
function sensorsOf({ sensors }: BedConfig, tile: Tile | undefined) {
  const state = tile?.sensor.state ?? "unknown";
  return {
    state: stateWords[state],
    look: state === "on" ? "on" : state === "lost" || state === "unknown" ? "lost" : "off",
    sensors: sensors.map((sensor) => ({ name: sensor.sensor, model: sensor.model, where: whereOf(sensor) })),
  };
}

function whereOf({ port, source }: SensorConfig): string {
  const madeUp = source === null ? "" : ` (${source})`;
  switch (port.via) {
    case "serial":
      return `${port.path}${madeUp}`;
    case "tcp":
    case "mqtt":
      return `${port.via} ${port.host}:${port.port}${madeUp}`;
    case "replay":
      return "a recording";
    case "simulated":
      return `simulated, scene ${port.scene}`;
  }
}
