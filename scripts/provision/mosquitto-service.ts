import type { MosquittoFiles } from "../../edge-agent/broker/mosquitto-conf.ts";

export const serviceName = "quietround-mosquitto@.service";

/** One for each of the ward's mosquittos, by the name of its configuration. A reload reads certificates and the list of revoked ones again. */
export const mosquittoService = ({ folder, user }: MosquittoFiles): string => `# Made by npm run ward:provision.
[Unit]
Description=Quietround broker: %i
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
User=${user}
ExecStart=/usr/sbin/mosquitto -c ${folder}/%i.conf
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1

MemoryMax=128M
MemorySwapMax=0
CPUQuota=100%
TasksMax=16
LimitCORE=0
LimitNOFILE=1024

NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ReadWritePaths=${folder}
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077

[Install]
WantedBy=multi-user.target
`;
