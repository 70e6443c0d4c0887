import { z } from "zod";
import { DeviceId } from "./ids.ts";
import { differ, isLoopback, TcpPort } from "./loopback.ts";
import { onceSound } from "./once-sound.ts";

export const BrokerPorts = z.object({ framesPort: TcpPort, controlPort: TcpPort });

/** User of the rights of a broker that is not ours; its password is a credential like every other client's. */
export const brokerAdmin = "broker-admin";

/** A name or an address, as it stands in the broker's certificate: `station.willow.example`, `10.20.0.5`. */
const Host = z
  .string()
  .regex(/^([\w-]+(\.[\w-]+)*|[\da-f:]+)$/i, { error: "a host's name or address, without a port" });
const Tls = z.enum(["none", "mutual"]);
const Reach = z.object({ host: Host, tls: Tls });

export const BrokersConfig = z
  .strictObject({
    /**
     * `embedded`: both brokers run in the agent. `mosquitto`: two of the site's own, one at each port, with the dynamic security
     * plugin; the agent sets their rights, and opens and shuts the sensors' topics with the leases.
     */
    kind: z.enum(["embedded", "mosquitto"]).default("embedded"),
    /** Where every process finds them; the embedded ones listen there. */
    host: Host.default("127.0.0.1"),
    framesPort: TcpPort.default(18830),
    controlPort: TcpPort.default(18831),
    /**
     * `mutual`: both ends show a certificate of the ward's own authority, and a client is who its certificate says
     * (`npm run ward:provision`). Passwords, sensor data and what is known of a person would be readable on a network without.
     */
    tls: Tls.default("none"),
    /** Bedroom units whose bridge runs on a machine of its own and reaches these brokers over TLS: radar only. */
    remoteUnits: z.array(DeviceId).max(64).default([]),
  })
  .refine(({ host, tls }) => tls === "mutual" || isLoopback(host), {
    path: ["host"],
    error: 'only this machine itself (127.0.0.1, ::1, localhost) where brokers.tls is not "mutual"',
    ...onceSound(Reach),
  })
  .refine(({ remoteUnits, tls }) => tls === "mutual" || remoteUnits.length === 0, {
    path: ["remoteUnits"],
    error: 'a unit on another machine needs brokers.tls "mutual"',
    ...onceSound(z.object({ tls: Tls, remoteUnits: z.array(z.string()) })),
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
