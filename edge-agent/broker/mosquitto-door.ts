import { prefixOf, type WardAddress } from "../contract/topics.ts";
import type { Device } from "./rights.ts";

/*
 * The lease check on a broker that is not ours: mosquitto's dynamic security plugin, told over its control topic. A device may publish
 * a sensor's frames only while its role says so; what it publishes otherwise is dropped, and its connections stay. When a role changes
 * the plugin cuts its device's connection for frames, which comes back by itself; the control link is another broker's. The plugin
 * knows no time: whoever opens a door has to shut it when the lease ends.
 */

/** Only a client with the plugin's admin role may publish here. QoS 1: once confirmed, it is in force. */
export const doorTopic = "$CONTROL/dynamic-security/v1";

/** The role that each device has beside its fixed rights. */
export const framesRole = (device: string): string => `frames-${device}`;

export function doorCommands(ward: WardAddress, { device, sensors }: Device, door: "open" | "shut"): DoorCommand[] {
  return sensors.map((sensor) => {
    const acl = { acltype: "publishClientSend", topic: `${prefixOf(ward)}/${device}/${sensor}/+` } as const;
    const role = { rolename: framesRole(device), ...acl };
    return door === "open"
      ? { command: "addRoleACL", ...role, priority: 0, allow: true }
      : { command: "removeRoleACL", ...role };
  });
}

export interface DoorCommand {
  readonly command: "addRoleACL" | "removeRoleACL";
  readonly rolename: string;
  readonly acltype: "publishClientSend";
  readonly topic: string;
  readonly priority?: number;
  readonly allow?: boolean;
}
