import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { isLoopback } from "../contract/loopback.ts";
import type { TlsFiles } from "./tls-files.ts";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/**
 * An IPv6 address with or without brackets: the configuration has it without. Throws on anything but `mqtts://host:port`, and
 * `mqtt://host:port` of this machine: passwords and frames would be readable on any other network.
 */
export function readBrokerUrl(url: string): BrokerAddress {
  const [, scheme, bracketed, plain, digits] =
    /^(mqtts?):\/\/(?:\[([\da-f:]+)\]|([\da-f:]+|[\w.-]+)):(\d{1,5})$/i.exec(url) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new Error(`only mqtt://host:port and mqtts://host:port are known, not ${url}`);
  }
  const secure = scheme?.toLowerCase() === "mqtts";
  if (!secure && !isLoopback(host)) {
    throw new Error(`only mqtts:// reaches another machine, not ${url}: set brokers.tls to "mutual"`);
  }
  return { host, port, secure };
}

/**
 * TCP_NODELAY: Nagle with a delayed ACK costs 40 ms on exactly the size of a radar frame. With TLS the other end must have a
 * certificate of the ward's authority for this host's name; RFC 8446 (1.3) only, which mosquitto 2 speaks as well.
 */
export function openBrokerSocket({ host, port }: BrokerAddress, tls: TlsFiles | undefined): Socket {
  if (tls === undefined) return connectTcp({ host, port, noDelay: true });
  const { ca, cert, key } = tls;
  const socket = connectTls({ host, port, ca, cert, key, minVersion: "TLSv1.3", rejectUnauthorized: true });
  socket.setNoDelay(true);
  return socket;
}

/** OpenSSL's and Node's codes, as what a person can mend. The other end's alerts come only after our side is content (RFC 8446 4.4.2). */
const meanings: readonly (readonly [RegExp, string])[] = [
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "the broker's certificate is for another name: brokers.host must be one of its names",
  ],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE).*|CERT_SIGNATURE_FAILURE)$/,
    "the broker's certificate is not of this ward's authority",
  ],
  [/^CERT_HAS_EXPIRED$/, "the broker's certificate has expired (or this machine's clock is wrong)"],
  [/^CERT_NOT_YET_VALID$/, "the broker's certificate is not valid yet: is this machine's clock right?"],
  [/ALERT_CERTIFICATE_REQUIRED/, "the broker wants a certificate, and none was shown"],
  [/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|DECRYPT_ERROR)/, "the broker does not know this certificate's authority"],
  [/ALERT_CERTIFICATE_EXPIRED/, "this machine's certificate has expired: make a new one (docs/devices.md)"],
  [/ALERT_CERTIFICATE_REVOKED/, "this machine's certificate was revoked"],
  [
    /WRONG_VERSION_NUMBER|(ALERT_|alert )PROTOCOL[_ ]VERSION|UNSUPPORTED_PROTOCOL/i,
    "the broker at this port does not speak TLS 1.3",
  ],
];

/** For the log: what a connection failed of. */
export function brokerErrorWords(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  // What OpenSSL says while the handshake is written has it in the message.
  const said = code === "EPROTO" || code === undefined ? error.message : code;
  const meaning = meanings.find(([pattern]) => pattern.test(said))?.[1];
  if (meaning !== undefined) return `${meaning} (${code ?? error.message})`;
  return code === undefined ? error.message : `${code}: ${error.message}`;
}
