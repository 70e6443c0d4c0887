import { z } from "zod";
import { isLoopback, TcpPort } from "./loopback.ts";
import { OidcConfig } from "./oidc.ts";
import { onceSound } from "./once-sound.ts";

/** A path of its own, or one that begins at the configuration's folder. */
const FilePath = z.string().min(1).max(500);

/** Where screens find the pages. Names and what is known of a person go over it, so beyond this machine it is TLS or nothing. */
export const DashboardConfig = z
  .strictObject({
    /** An address of this machine, `0.0.0.0` or `::` for all of them. */
    host: z.string().max(253).default("127.0.0.1"),
    port: TcpPort.default(8080),
    /** PEM files. A new certificate in their place is taken within a minute, without a stop. */
    tls: z.strictObject({ certificateFile: FilePath, keyFile: FilePath }).nullable().default(null),
    /** A proxy on this machine has the certificate (config/nginx): screens come over TLS, and this process listens to the proxy alone. */
    behindProxy: z.boolean().default(false),
    /** The name in the certificate, under which screens open the pages; printed at start. Left out: `host`. */
    publicName: z
      .string()
      .regex(/^[A-Za-z0-9.-]{1,253}$/, { error: "a host name, such as station.willow.example.nhs.uk" })
      .optional(),
    /** Sign-in by the trust's identity provider, beside the accounts of the ward. Null: accounts of the ward only. */
    oidc: OidcConfig.nullable().default(null),
  })
  .refine(({ host, tls }) => tls !== null || isLoopback(host), {
    path: ["host"],
    error:
      "beyond this machine itself (127.0.0.1, ::1, localhost) only with dashboard.tls: else a network could read along",
    ...onceSound(z.object({ host: z.string() })),
  })
  .refine(({ tls, behindProxy }) => !behindProxy || tls === null, {
    path: ["behindProxy"],
    error: "either dashboard.tls or a proxy, not both: leave out dashboard.tls",
    ...onceSound(z.object({ tls: z.unknown(), behindProxy: z.boolean() })),
  });
export type DashboardConfig = z.infer<typeof DashboardConfig>;
