import "../edge-agent/platform/node-version.ts";
import { parseArgs } from "node:util";
import { isDepth, type SiteConfig } from "../edge-agent/contract/config.ts";
import { isLoopback } from "../edge-agent/contract/loopback.ts";
import { depthOf, depthStays } from "../edge-agent/contract/remote-units.ts";
import type { Scene } from "../edge-agent/contract/scene.ts";
import { brokerLogin } from "../edge-agent/platform/broker-login.ts";
import { systemClock } from "../edge-agent/platform/clock.ts";
import { readStationPublicKey } from "../edge-agent/platform/keys.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { keepMemoryOffDisk } from "../edge-agent/platform/memory-on-disk.ts";
import { endWithParent } from "../edge-agent/platform/parent.ts";
import { readSiteConfig } from "../edge-agent/platform/read-config.ts";
import { stopOnSignals } from "../edge-agent/platform/stop.ts";
import { newBridge } from "./bridge.ts";
import { checkDepth, readScene, SceneError } from "./ports/scene-file.ts";

/*
 * node firmware-bridge/main.ts --config site.json --data DIR --device unit-1
 *
 * A kill or a power cut here leaves the sensor streaming into a closed connection; the next start tells it to stop before
 * anything else.
 */

const { values } = parseArgs({
  options: { config: { type: "string" }, data: { type: "string" }, device: { type: "string" } },
});
if (values.config === undefined || values.data === undefined || values.device === undefined) {
  process.stderr.write("usage: firmware-bridge/main.ts --config site.json --data DIR --device unit-1\n");
  process.exit(2);
}
const { device, data } = values;
const { site } = readSiteConfig(values.config);
if (!site.beds.some((bed) => bed.device === device)) {
  process.stderr.write(`${values.config}: no bed has the device "${device}"\n`);
  process.exit(2);
}
const depth = isLoopback(site.brokers.host) ? [] : depthOf(site, device, isDepth);
if (depth.length > 0) {
  process.stderr.write(
    `${values.config}: ${depthStays(device, depth)}. (brokers.host is ${site.brokers.host}; beside the station it is 127.0.0.1.)\n`,
  );
  process.exit(2);
}

const scenes = readScenesOf(site, device);

const log = keepMemoryOffDisk(newLog("bridge"));
const { signal, stop } = stopOnSignals();
endWithParent(() => stop("parent gone"));
const bridge = newBridge({
  site,
  device,
  login: (port) => brokerLogin(site.brokers, port, data, device),
  stationKey: readStationPublicKey(data),
  clock: systemClock,
  log,
  scenes,
});
bridge.start(signal);
log.info({ device }, "bridge started");
signal.addEventListener("abort", () => {
  log.info({ why: String(signal.reason) }, "bridge stops");
  bridge.stop().then(
    () => process.exit(0),
    (cause: unknown) => {
      log.error({ cause }, "bridge did not stop in order");
      process.exit(1);
    },
  );
});

/** What starting again would not mend ends the process with words and code 2. */
function readScenesOf(ward: SiteConfig, unit: string): ReadonlyMap<string, Scene> {
  const read = new Map<string, Scene>();
  try {
    for (const { sensors } of ward.beds.filter((bed) => bed.device === unit)) {
      for (const sensor of sensors) {
        const { port, placement } = sensor;
        if (port.via !== "simulated") continue;
        const scene = readScene(port.scene);
        read.set(port.scene, scene);
        if (placement !== undefined) checkDepth(scene, sensor);
      }
    }
  } catch (cause) {
    if (!(cause instanceof SceneError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    process.exit(2);
  }
  return read;
}
