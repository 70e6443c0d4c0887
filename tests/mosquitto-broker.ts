import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doorTopic, framesRole } from "../edge-agent/broker/mosquitto-door.ts";
import { prefixOf, type WardAddress } from "../edge-agent/contract/topics.ts";
import { type BrokerLink, connectBroker } from "../edge-agent/platform/connect.ts";
import { newLog } from "../edge-agent/platform/log.ts";
import { freePort } from "../scripts/free-port.ts";

const program = "/usr/sbin/mosquitto";
const control = "/usr/bin/mosquitto_ctrl";
const plugin = "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so";
export const haveMosquitto = [program, control, plugin].every((path) => existsSync(path));

/** A real mosquitto whose rights can change while it runs: a listener for frames and one for everything else. */
export interface WardMosquitto {
  readonly framesPort: number;
  readonly controlPort: number;
  /** In force when it resolves. */
  tell(commands: string): Promise<void>;
  stop(): Promise<void>;
}

const quiet = newLog("test", () => {});

export function linkTo(port: number, clientId: string, username: string): BrokerLink {
  return connectBroker({
    url: `mqtt://127.0.0.1:${port}`,
    clientId,
    username,
    password: `secret of ${username}`,
    log: quiet,
  });
}

/** With nobody but its admin, as a site sets it up (docs/engineer.md). Ends with `stop`. */
export function startBareMosquitto(
  ports: readonly number[],
  admin: { readonly name: string; readonly password: string },
): { pid: number; folder: string; stop: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "quietround-mosquitto-"));
  const rights = join(folder, "rights.json");
  execFileSync(control, ["dynsec", "init", rights, admin.name, admin.password], { stdio: "ignore" });
  const config = join(folder, "mosquitto.conf");
  const lines = [
    `plugin ${plugin}`,
    `plugin_opt_config_file ${rights}`,
    ...ports.map((port) => `listener ${port} 127.0.0.1`),
    "allow_anonymous false",
    "retain_available false",
    "set_tcp_nodelay true",
    "persistence false",
    // Started by root it would become a user that cannot read this folder.
    ...(process.getuid?.() === 0 ? ["user root"] : []),
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const child = spawn(program, ["-c", config], { stdio: "ignore" });
  return {
    pid: child.pid ?? -1,
    folder,
    stop: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startWardMosquitto(
  ward: WardAddress,
  device: string,
  start: typeof startBareMosquitto = startBareMosquitto,
): Promise<WardMosquitto> {
  const framesPort = (await freePort("127.0.0.1", 0)) ?? 0;
  const controlPort = (await freePort("127.0.0.1", 0)) ?? 0;
  const broker = start([framesPort, controlPort], { name: "admin", password: "secret of admin" });
  const admin = linkTo(controlPort, "admin", "admin");
  const tell = async (commands: string): Promise<void> => {
    const result = await admin.publish(doorTopic, commands, { qos: 1, timeoutMs: 10_000 });
    if (result !== "sent") throw new Error(`mosquitto was not told: ${result}`);
  };
  const mayPublish = (rolename: string, topic: string) => ({
    command: "addRoleACL",
    ...{ rolename, acltype: "publishClientSend", topic, allow: true },
  });
  const client = (username: string, ...roles: string[]) => ({
    command: "createClient",
    ...{ username, password: `secret of ${username}`, roles: roles.map((rolename) => ({ rolename })) },
  });
  await tell(
    JSON.stringify({
      commands: [
        { command: "createRole", rolename: "device" },
        mayPublish("device", `${prefixOf(ward)}/${device}/status`),
        { command: "createRole", rolename: framesRole(device) },
        { command: "createRole", rolename: "agent" },
        { command: "addRoleACL", rolename: "agent", acltype: "subscribePattern", topic: "#", allow: true },
        client(device, "device", framesRole(device)),
        client("agent", "agent"),
      ],
    }),
  );
  return {
    framesPort,
    controlPort,
    tell,
    async stop() {
      await admin.stop();
      await broker.stop();
    },
  };
}
