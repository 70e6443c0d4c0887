import { z } from "zod";
import { differ, LoopbackHost, TcpPort } from "./loopback.ts";
import { onceSound } from "./once-sound.ts";

export const BrokerPorts = z.object({ framesPort: TcpPort, controlPort: TcpPort });

/** User of the rights of a broker that is not ours; its password is a credential like every other client's. */
export const brokerAdmin = "broker-admin";

export const BrokersConfig = z
  .strictObject({
    /**
     * `embedded`: both brokers run in the agent. `mosquitto`: two of the site's own, one at each port, with the dynamic security
     * plugin; the agent sets their rights, and opens and shuts the sensors' topics with the leases.
     */
    kind: z.enum(["embedded", "mosquitto"]).default("embedded"),
    host: LoopbackHost.default("127.0.0.1"),
    framesPort: TcpPort.default(18830),
    controlPort: TcpPort.default(18831),
  })
  .refine(({ framesPort, controlPort }) => differ(framesPort, controlPort), {
    path: ["controlPort"],
    error: "the same port as brokers.framesPort",
    ...onceSound(BrokerPorts),
  })
  .refine(({ kind, framesPort, controlPort }) => kind === "embedded" || (framesPort !== 0 && controlPort !== 0), {
    path: ["kind"],
    error: "a broker that is not ours has a port: 0 is for the embedded ones",
    ...onceSound(BrokerPorts),
  });
export type BrokersConfig = z.infer<typeof BrokersConfig>;
