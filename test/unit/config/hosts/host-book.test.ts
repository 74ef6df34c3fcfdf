import { describeRefusals, web } from "../refusals.ts";

describeRefusals("hosts", [
  [
    "refuses what is neither address nor name",
    { servers: ["203.0.113.300"] },
    'servers[0] "203.0.113.300" is not an address or host name',
  ],
  [
    "points at the host of a role",
    web({ hosts: ["a.example.com", "under score"] }),
    'servers.web.hosts[1] "under score" is not an address or host name',
  ],
  [
    "shows how to write a port",
    { servers: ["a.example.com:2222"] },
    'servers[0] "a.example.com:2222" is not an address or host name; set the port as name: {address, port}',
  ],
  [
    "shows how to write a user",
    { servers: ["me@a.example.com"] },
    'servers[0] "me@a.example.com" is not an address or host name; set the user as name: {address, user}',
  ],
  [
    "refuses a bad address of a named host",
    web({ hosts: { "web-1": { address: "1.2.3" } } }),
    'servers.web.hosts.web-1.address "1.2.3" is not an address or host name',
  ],
  [
    "requires the address of a named host",
    web({ hosts: { "web-1": { port: 22 } } }),
    "servers.web.hosts.web-1.address is required",
  ],
  [
    "refuses a host that is listed twice",
    { servers: ["a.example.com", "a.example.com"] },
    'servers[1] "a.example.com" is listed twice',
  ],
  [
    "refuses two names for one machine",
    web({ hosts: { a: "203.0.113.10", b: "203.0.113.10" } }),
    'servers.web.hosts.b is the same machine as "a": use one name for it',
  ],
  [
    "refuses one name for two machines",
    { servers: { web: { hosts: { a: "203.0.113.10" } }, jobs: { hosts: { a: "203.0.113.11" } } } },
    'servers.jobs.hosts.a "a" names a different machine elsewhere: root@203.0.113.10:22',
  ],
  ["refuses a role without hosts", web({ hosts: [] }), "servers.web.hosts the role web has no hosts"],
  ["refuses an empty list", { servers: [] }, "servers the role web has no hosts"],
  [
    "requires the primary role",
    { servers: { app: ["a.example.com"] } },
    "servers the primary role web is not defined; available: app. Add it, or set slipway:primary_role",
  ],
  [
    "refuses a host key that is none",
    { ssh: { host_keys: { "203.0.113.10": "SHA256:abc" } } },
    'ssh.host_keys["203.0.113.10"] is not a public host key: copy a line of ssh-keyscan, without the host: ssh-ed25519 AAAA…',
  ],
  [
    "refuses a host key of another type than it says",
    { ssh: { host_keys: { "203.0.113.10": "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIGVw" } } },
    'ssh.host_keys["203.0.113.10"] is not a public host key: copy a line of ssh-keyscan, without the host: ssh-ed25519 AAAA…',
  ],
  ["refuses a jump host without a host", { ssh: { proxy: "user@:22" } }, "ssh.proxy is not user@host:port"],
]);
