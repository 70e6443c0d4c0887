import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import * as wire from "../firmware-bridge/sensors/depth-camera-message.ts";
import { ownProtocolVersion, messageType as type } from "../firmware-bridge/sensors/own-conversation.ts";

// An example to begin from: the program beside a depth camera (docs/sensors-depth-camera.md), here with pictures of 640x480
// from a file of raw z16, one after the other, or a ramp that breathes: `node scripts/depth-sender.ts [--port 7321] [--raw FILE]`
const { values } = parseArgs({ options: { port: { type: "string", default: "7321" }, raw: { type: "string" } } });
const [widthPx, heightPx] = [640, 480];
const camera = { widthPx, heightPx, mmPerUnit: 1, fx: 600, fy: 600, cx: 319.5, cy: 239.5 };
const stored = values.raw === undefined ? undefined : new Uint16Array(Uint8Array.from(readFileSync(values.raw)).buffer);

function pictureOf(frame: number): Uint16Array {
  const pixels = widthPx * heightPx;
  const ramp = (_: unknown, i: number): number => 2_000 + (i % widthPx) / 2 + 5 * Math.sin(frame / 6);
  if (stored === undefined) return Uint16Array.from({ length: pixels }, ramp);
  const from = (frame % Math.floor(stored.length / pixels)) * pixels;
  return stored.subarray(from, from + pixels);
}

const server = createServer({ noDelay: true }, (socket) => {
  const framer = wire.newCameraFramer();
  let timer: NodeJS.Timeout | undefined;
  const stop = () => clearInterval(timer);
  const start = (frameRateHz: number): void => {
    const begun = performance.now();
    let frame = 0;
    const send = () => {
      // A bridge that does not read loses pictures; none waits.
      if (socket.writableLength > 0) return;
      const deviceUs = Math.round(1_000 * (performance.now() - begun));
      socket.write(wire.encodeCameraFrame({ ...camera, frame: frame++, deviceUs, frameRateHz }, pictureOf(frame)));
    };
    timer = setInterval(send, 1_000 / frameRateHz);
  };
  socket.on("error", stop).on("close", stop);
  socket.on("data", (bytes) => {
    for (const { head } of framer.push(bytes)) {
      const words = Buffer.from(`${String.fromCharCode(ownProtocolVersion)}example`, "latin1");
      stop();
      if (head.type === type.hello) socket.write(wire.encodeCameraMessage({ type: type.helloAnswer }, words));
      if (head.type === type.stop) socket.write(wire.encodeCameraMessage({ type: type.stopped }));
      if (head.type !== type.start) continue;
      socket.write(wire.encodeCameraMessage({ type: type.started }));
      start(Math.max(1, (head.header as wire.CameraHeader).frameRateHz));
    }
  });
});
server.listen(Number(values.port), "127.0.0.1", () => process.stdout.write(`${JSON.stringify(server.address())}\n`));
