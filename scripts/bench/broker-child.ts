import { startBrokers } from "../../edge-agent/broker/broker.ts";
import { newLog } from "../../edge-agent/platform/log.ts";
import { endWithParent } from "../../edge-agent/platform/parent.ts";
import { hopSensors, hopWard } from "./broker-hop.ts";

/* The embedded brokers in a process of their own, so that their cost is seen beside mosquitto's. Prints {"framesPort":...} as one line. */

const names = ["agent", "dashboard", "admin", "unit-1"];
const brokers = await startBrokers({
  host: "127.0.0.1",
  framesPort: 0,
  controlPort: 0,
  ward: hopWard,
  credentials: new Map(names.map((name) => [name, `secret of ${name}`])),
  devices: [{ device: "unit-1", sensors: hopSensors(64) }],
  admits: () => true,
  attended: () => true,
  onDrop: () => {},
  log: newLog("broker", () => {}),
});
process.stdout.write(`${JSON.stringify({ framesPort: brokers.framesPort })}\n`);
endWithParent(() => process.exit(0));
