import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import {
  encodeCameraFrame,
  encodeCameraMessage,
  newCameraFramer,
} from "../../firmware-bridge/sensors/depth-camera-message.ts";
import { encodeResult, encodeSmallMessage, newSmallFramer } from "../../firmware-bridge/sensors/st-vl53l5cx.ts";
import { openBedroom } from "../../firmware-bridge/simulator/bedroom.ts";
import { newExplorationServer } from "../../firmware-bridge/simulator/exploration-server.ts";
import { newOwnStandIn, type OwnStandIn } from "../../firmware-bridge/simulator/own-stand-in.ts";
import { standAt } from "../../tests/pseudo-terminal.ts";
import { markedPicture, markLength } from "./mark.ts";

/* Sensors on 127.0.0.1 that speak their true wire, and whose every frame carries the mark. */

export interface MarkedSensors {
  readonly cameraPort: number;
  readonly zonesPort: number;
  readonly radarPort: number;
  readonly sent: { camera: number; zones: number; radar: number };
  stop(): void;
}

const camera = { widthPx: 320, heightPx: 240, mmPerUnit: 1, fx: 260, fy: 260, cx: 159.5, cy: 119.5, frameRateHz: 10 };
/** The bridge makes pictures of 80 by 60 of it. */
const cellPx = 4;
const middle = 2_200;
const reach = 700;

export async function startMarkedSensors(mark: Float64Array): Promise<MarkedSensors> {
  const sent = { camera: 0, zones: 0, radar: 0 };
  const picture = markedPicture(mark, { widthPx: camera.widthPx, heightPx: camera.heightPx, cellPx, middle, reach });
  const zones = Float64Array.from(markedPicture(mark, { widthPx: 8, heightPx: 8, cellPx: 1, middle, reach }));

  const newCamera = (): OwnStandIn =>
    newOwnStandIn(
      {
        name: "marked camera",
        frameRateHz: camera.frameRateHz,
        framer: newCameraFramer(),
        encode: (type, body) => encodeCameraMessage({ type }, body),
        next: (atUs) => {
          sent.camera += 1;
          // A little up and down as a whole, so that nothing takes it for a sensor that stands still.
          const lively = picture.map((value) => value + Math.round(6 * Math.sin(sent.camera)));
          return encodeCameraFrame({ ...camera, frame: sent.camera, deviceUs: Math.round(atUs) }, lively);
        },
        restart: () => {},
      },
      1,
    );
  let sequence = 0;
  const newZones = (): OwnStandIn =>
    newOwnStandIn(
      {
        name: "marked zones",
        frameRateHz: 10,
        framer: newSmallFramer(),
        encode: (type, body) => encodeSmallMessage({ type, sequence: sequence++ & 0xff, body }),
        next: (atUs) => {
          sent.zones += 1;
          const distanceMm = zones.map((value) => value + Math.round(6 * Math.sin(sent.zones)));
          const status = new Uint8Array(zones.length).fill(5);
          return encodeResult({ distanceMm, status }, Math.round(atUs), sequence++ & 0xff);
        },
        restart: () => {},
      },
      1,
    );
  const newRadar = (): OwnStandIn => {
    const bedroom = openBedroom("asleep");
    return newExplorationServer(
      {
        ...bedroom,
        next: () => {
          const frame = bedroom.next();
          if (frame === undefined) return undefined;
          sent.radar += 1;
          return { ...frame, payload: markedSweeps(mark, frame.payload.length, 1 + 0.2 * Math.sin(sent.radar)) };
        },
      },
      1,
    );
  };

  const servers = await Promise.all([newCamera, newZones, newRadar].map(serve));
  const [cameraPort = 0, zonesPort = 0, radarPort = 0] = servers.map(({ port }) => port);
  const stop = (): void => {
    for (const server of servers) server.stop();
  };
  return { cameraPort, zonesPort, radarPort, sent, stop };
}

/** int16 I and Q: the mark in I, and what is left of it after half of its length in Q. */
function markedSweeps(mark: Float64Array, bytes: number, strength: number): Uint8Array {
  const values = Int16Array.from({ length: bytes / 2 }, (_, n) => {
    const place = Math.floor(n / 2) + (n % 2) * (markLength / 2);
    return Math.round(2_500 * strength * (mark[place % markLength] ?? 0));
  });
  return new Uint8Array(values.buffer);
}

async function serve(open: () => OwnStandIn): Promise<{ readonly port: number; readonly stop: () => void }> {
  const clients = new Set<import("node:net").Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
    socket.on("error", () => socket.destroy());
    standAt(socket, open());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
}
