import type { BrokersConfig } from "../contract/brokers-config.ts";
import { readAllCredentials } from "../platform/keys.ts";
import { readTlsFiles, TlsError } from "../platform/tls-files.ts";
import { BrokerError, type Brokers, type BrokersOptions, startBrokers } from "./broker.ts";
import { brokerTlsOf } from "./broker-door.ts";
import { useMosquitto } from "./mosquitto.ts";

type Chosen = Omit<BrokersOptions, "credentials" | "tls"> &
  Pick<BrokersConfig, "kind" | "tls"> & { readonly dataDir: string };

/** The brokers that the site chose. */
export async function openBrokers(options: Chosen): Promise<Brokers> {
  const { kind, dataDir, tls, ...others } = options;
  const mutual = tls === "mutual";
  const chosen = { ...others, credentials: readAllCredentials(dataDir) };
  switch (kind) {
    case "embedded":
      if (mutual) orRefuse(() => readTlsFiles(dataDir, "broker"));
      return startBrokers({ ...chosen, ...(mutual ? { tls: brokerTlsOf(dataDir) } : {}) });
    case "mosquitto":
      return useMosquitto({ ...chosen, tls, dataDir });
  }
}

function orRefuse(read: () => unknown): void {
  try {
    read();
  } catch (cause) {
    if (!(cause instanceof TlsError)) throw cause;
    throw new BrokerError("no-tls", cause.message, cause);
  }
}
