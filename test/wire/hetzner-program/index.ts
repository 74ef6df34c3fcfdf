import { local, remote } from "@pulumi/command";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

/** One resource of each kind that Slipway uses; the config has what differs between runs. */
const config = new pulumi.Config("test");
const count = config.getNumber("count") ?? 1;
const type = config.get("type") ?? "cx22";
const greeting = config.get("greeting") ?? "hello";
const protect = config.getBoolean("protect") ?? false;
const ssh = config.requireObject<{ port: number; hostKey: string; privateKey: string }>("ssh");

const labels = { app: "shop" };
const key = new hcloud.SshKey("ops", { publicKey: config.require("publicKey"), labels });
const network = new hcloud.Network("shop", { name: "shop", ipRange: "10.0.0.0/16" });
const subnet = new hcloud.NetworkSubnet("shop", {
  networkId: network.id.apply(Number),
  type: "cloud",
  networkZone: "eu-central",
  ipRange: "10.0.1.0/24",
});
const rules = [{ direction: "in", protocol: "tcp", port: config.get("port") ?? "22", sourceIps: ["0.0.0.0/0", "::/0"] }];
const firewall = new hcloud.Firewall("shop", { name: "shop", rules, labels });
const group = new hcloud.PlacementGroup("shop", { name: "shop", type: "spread" });
const address = new hcloud.PrimaryIp("first", { type: "ipv4", location: "fsn1", assigneeType: "server", autoDelete: false });

const servers = Array.from({ length: count }, (_, at) => {
  const name = `web-${at + 1}`;
  return new hcloud.Server(
    name,
    {
      name,
      serverType: type,
      image: "debian-13",
      location: "fsn1",
      labels: { ...labels, role: "web" },
      sshKeys: [key.id],
      firewallIds: [firewall.id.apply(Number)],
      placementGroupId: group.id.apply(Number),
      networks: [{ networkId: network.id.apply(Number), ip: `10.0.1.${10 + at}` }],
      publicNets: at === 0 ? [{ ipv4: address.id.apply(Number), ipv4Enabled: true, ipv6Enabled: true }] : undefined,
      userData: pulumi.secret("#cloud-config\nssh_deletekeys: true\n"),
      backups: at === 0,
      deleteProtection: protect,
      rebuildProtection: protect,
    },
    { dependsOn: subnet },
  );
});

const [first] = servers;
if (first !== undefined) {
  const data = new hcloud.Volume("data", { size: 10, location: "fsn1", format: "ext4" });
  new hcloud.VolumeAttachment("data", { volumeId: data.id.apply(Number), serverId: first.id.apply(Number), automount: true });
}

const certificate = new hcloud.ManagedCertificate("shop", { name: "shop", domainNames: ["shop.example"] });
const balancer = new hcloud.LoadBalancer("shop", { name: "shop", loadBalancerType: "lb11", location: "fsn1" });
const inside = new hcloud.LoadBalancerNetwork(
  "shop",
  { loadBalancerId: balancer.id.apply(Number), networkId: network.id.apply(Number) },
  { dependsOn: subnet },
);
for (const [at, server] of servers.entries())
  new hcloud.LoadBalancerTarget(
    `web-${at + 1}`,
    { loadBalancerId: balancer.id.apply(Number), type: "server", serverId: server.id.apply(Number), usePrivateIp: true },
    { dependsOn: inside },
  );
new hcloud.LoadBalancerService("https", {
  loadBalancerId: balancer.id,
  protocol: "https",
  destinationPort: 80,
  http: { certificates: [certificate.id.apply(Number)], redirectHttp: true },
  healthCheck: { protocol: "http", port: 80, interval: 5, timeout: 3, retries: 2, http: { path: "/up", statusCodes: ["200"] } },
});

const greeted = new local.Command("greeted", {
  create: 'printf "%s" "$GREETING"; cat',
  update: 'printf "again: %s" "$GREETING"',
  delete: "true",
  environment: { GREETING: greeting },
  stdin: "!",
});
// The types of the package 4.5.0 lack some fields of the plugin's connection.
const connection = { host: "127.0.0.1", user: "deploy", dialErrorLimit: 1, ...ssh };
const there = new remote.Command("there", { connection, create: "hostname", triggers: [greeting] });

export const ipv4 = servers.map((server) => server.ipv4Address);
export const status = servers.map((server) => server.status);
export const balancerIp = balancer.ipv4;
export const stdout = greeted.stdout;
export const hostname = there.stdout;
export const fsn1 = hcloud.getLocationOutput({ name: "fsn1" }).networkZone;
