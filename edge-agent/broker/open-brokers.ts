import type { BrokersConfig } from "../contract/brokers-config.ts";
import { type Brokers, type BrokersOptions, startBrokers } from "./broker.ts";
import { useMosquitto } from "./mosquitto.ts";

/** The brokers that the site chose. */
export function openBrokers(options: BrokersOptions & Pick<BrokersConfig, "kind">): Promise<Brokers> {
  switch (options.kind) {
    case "embedded":
      return startBrokers(options);
    case "mosquitto":
      return useMosquitto(options);
  }
}
