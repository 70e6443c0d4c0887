import type { BrokersConfig } from "../contract/brokers-config.ts";
import type { BrokerOptions } from "./connect.ts";
import { KeyError, readCredential } from "./keys.ts";
import { readTlsFiles, TlsError } from "./tls-files.ts";

export type BrokerLogin = Pick<BrokerOptions, "url" | "clientId" | "username" | "password" | "tls">;

/**
 * How a process reaches one of the ward's brokers. Where the files for it are missing or expired, starting again would not help:
 * the process ends with words and code 2.
 *
 * @param port the broker's, which may have been chosen at the start
 */
export function brokerLogin(
  brokers: Pick<BrokersConfig, "host" | "tls">,
  port: number,
  dataDir: string,
  client: string,
): BrokerLogin {
  const login = { clientId: client, username: client };
  try {
    const password = readCredential(dataDir, client);
    switch (brokers.tls) {
      case "none":
        return { ...login, password, url: `mqtt://${brokers.host}:${port}` };
      case "mutual": {
        readTlsFiles(dataDir, client);
        const tls = () => readTlsFiles(dataDir, client);
        return { ...login, password, url: `mqtts://${brokers.host}:${port}`, tls };
      }
    }
  } catch (cause) {
    if (!(cause instanceof TlsError || cause instanceof KeyError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    process.exit(2);
  }
}
