import { type FrameKind, frameKinds } from "./frames.ts";
import { Segment } from "./ids.ts";

/*
 * Topics. Two brokers: `frames` carries sensor data only, `control` everything else, so that no flood of frames can
 * delay a command or an alert. Prefix: v1/{trust}/{site}/{ward}.
 *
 * broker   topic                              from -> to           QoS  retained
 * frames   {prefix}/{device}/{sensor}/{kind}  bridge -> agent       0    never
 * control  {prefix}/{device}/lease            agent -> bridge       1    never   SignedLease
 * control  {prefix}/{device}/status           bridge -> agent,admin 1    never   BridgeStatus
 * control  {prefix}/{device}/presence         bridge's will, agent  1    never   "gone"
 * control  {prefix}/{device}/self-test        agent -> bridge       1    never   SelfTest
 * control  {prefix}/{device}/self-tested      bridge -> agent       1    never   SelfTested
 * control  {prefix}/live/{bed}                agent -> dashboard    0    never   Tile
 * control  {prefix}/ward/state               agent -> dashboard    0    never   WardState
 * control  {prefix}/ask/{client}              dashboard -> agent    1    never   Ask
 * control  {prefix}/answer/{client}           agent -> dashboard    1    never   Answer
 */
export interface WardAddress {
  readonly trust: string;
  readonly site: string;
  readonly ward: string;
}

export const prefixOf = (ward: WardAddress): string => `v1/${ward.trust}/${ward.site}/${ward.ward}`;

export const topics = (ward: WardAddress) => {
  const prefix = prefixOf(ward);
  return {
    frame: (device: string, sensor: string, kind: FrameKind): string => `${prefix}/${device}/${sensor}/${kind}`,
    anyFrame: `${prefix}/+/+/+`,
    lease: (device: string): string => `${prefix}/${device}/lease`,
    status: (device: string): string => `${prefix}/${device}/status`,
    anyStatus: `${prefix}/+/status`,
    presence: (device: string): string => `${prefix}/${device}/presence`,
    anyPresence: `${prefix}/+/presence`,
    selfTest: (device: string): string => `${prefix}/${device}/self-test`,
    selfTested: (device: string): string => `${prefix}/${device}/self-tested`,
    anySelfTested: `${prefix}/+/self-tested`,
    live: (bed: string): string => `${prefix}/live/${bed}`,
    anyLive: `${prefix}/live/+`,
    wardState: `${prefix}/ward/state`,
    ask: (client: string): string => `${prefix}/ask/${client}`,
    anyAsk: `${prefix}/ask/+`,
    answer: (client: string): string => `${prefix}/answer/${client}`,
  };
};

/** `{device, sensor, kind}` of a frame topic below the prefix, or undefined for any other topic. */
export function readFrameTopic(
  ward: WardAddress,
  topic: string,
): { device: string; sensor: string; kind: FrameKind } | undefined {
  const rest = belowPrefix(ward, topic);
  if (rest?.length !== 3) return undefined;
  const [device, sensor, kindName] = rest as [string, string, string];
  const kind = frameKinds.find((name) => name === kindName);
  return kind === undefined ? undefined : { device, sensor, kind };
}

/** The two segments of a control topic below the prefix, such as `["ask", "dashboard"]` or `["unit-1", "status"]`. */
export function readControlTopic(ward: WardAddress, topic: string): readonly [string, string] | undefined {
  const rest = belowPrefix(ward, topic);
  return rest?.length === 2 ? (rest as [string, string]) : undefined;
}

function belowPrefix(ward: WardAddress, topic: string): string[] | undefined {
  const prefix = `${prefixOf(ward)}/`;
  if (!topic.startsWith(prefix)) return undefined;
  const rest = topic.slice(prefix.length).split("/");
  return rest.every((segment) => Segment.safeParse(segment).success) ? rest : undefined;
}
