import { prefixOf, topics, type WardAddress } from "../contract/topics.ts";
import { framesRole } from "./mosquitto-door.ts";
import type { BrokerName, Device } from "./rights.ts";

/*
 * Who may say and hear what on a mosquitto of the site's own: the same as rights.ts says, as roles of its dynamic security plugin.
 * Whether a sensor's frames pass is no right but a door (mosquitto-door.ts), shut here.
 */

type Command = { readonly command: string; readonly [key: string]: unknown };

interface Acl {
  readonly acltype: "publishClientSend" | "subscribeLiteral" | "subscribePattern";
  readonly topic: string;
}
const mayPublish = (topic: string): Acl => ({ acltype: "publishClientSend", topic });
const mayHear = (topic: string): Acl => ({ acltype: "subscribeLiteral", topic });

/** Names of clients and the rights of each. A client that is not named here cannot connect. */
export function clientRights(broker: BrokerName, ward: WardAddress, devices: readonly Device[]): Map<string, Acl[]> {
  const topic = topics(ward);
  const all = `${prefixOf(ward)}/#`;
  const hearAll: Acl = { acltype: "subscribePattern", topic: all };
  switch (broker) {
    case "frames":
      return new Map([["agent", [hearAll]], ...devices.map(({ device }): [string, Acl[]] => [device, []])]);
    case "control":
      return new Map<string, Acl[]>([
        ["agent", [hearAll, mayPublish(all)]],
        ["dashboard", [...asker("dashboard", topic.anyLive, topic), mayHear(topic.wardState)]],
        ["admin", asker("admin", topic.anyStatus, topic)],
        ...devices.map(({ device }): [string, Acl[]] => [
          device,
          [
            ...[topic.status(device), topic.presence(device), topic.selfTested(device)].map(mayPublish),
            ...[topic.lease(device), topic.selfTest(device)].map(mayHear),
          ],
        ]),
      ]);
  }
}

const asker = (name: string, hears: string, topic: ReturnType<typeof topics>): Acl[] => [
  mayPublish(topic.ask(name)),
  mayHear(topic.answer(name)),
  mayHear(hears),
];

const roleOf = (client: string): string => `client-${client}`;

/**
 * Sets all rights anew: roles are made from nothing, so that no door that an agent before this one left open stays open. Clients of
 * the names are cut off by it, and come back by themselves.
 */
export function rightsCommands(
  broker: BrokerName,
  ward: WardAddress,
  devices: readonly Device[],
  credentials: ReadonlyMap<string, string>,
): Command[] {
  // Whoever has no secret here has none there.
  const rights = [...clientRights(broker, ward, devices)].filter(([client]) => credentials.has(client));
  const names = devices.map(({ device }) => device);
  const doors = broker === "frames" ? names.map(framesRole) : [];
  return [
    {
      command: "setDefaultACLAccess",
      acls: [
        { acltype: "publishClientSend", allow: false },
        { acltype: "publishClientReceive", allow: true },
        { acltype: "subscribe", allow: false },
        { acltype: "unsubscribe", allow: true },
      ],
    },
    // As the plugin sets it up, its admin hears every message of the ward: from now on only what it is told itself.
    ...(["publishClientReceive", "subscribePattern"] as const).map((acltype) => ({
      ...{ command: "removeRoleACL", rolename: "admin", acltype, topic: "#" },
    })),
    ...doors.flatMap((rolename) => anewRole(rolename, [])),
    ...rights.flatMap(([client, acls]) => anewRole(roleOf(client), acls)),
    ...rights.flatMap(([username]) => {
      const roles = [roleOf(username), ...(doors.includes(framesRole(username)) ? [framesRole(username)] : [])];
      const is = {
        ...{ username, clientid: username, password: credentials.get(username) },
        roles: roles.map((rolename) => ({ rolename })),
      };
      return [
        { command: "createClient", ...is },
        { command: "modifyClient", ...is },
      ];
    }),
  ];
}

const anewRole = (rolename: string, acls: readonly Acl[]): Command[] => [
  { command: "deleteRole", rolename },
  { command: "createRole", rolename, acls: acls.map((acl) => ({ ...acl, priority: 0, allow: true })) },
];

/** Deleting what is not there, or making what is there already, is no failure: what follows sets it as it must be. */
export const mayFail: readonly string[] = ["deleteRole", "createClient", "deleteClient"];
