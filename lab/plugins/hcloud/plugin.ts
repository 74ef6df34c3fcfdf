import type { Kind, Plugin } from "../kind.ts";
import type { Props } from "../values.ts";
import { Api } from "./api.ts";
import { firewall } from "./firewall.ts";
import { loadBalancer } from "./load-balancer.ts";
import { loadBalancerNetwork, loadBalancerService, loadBalancerTarget } from "./load-balancer-parts.ts";
import { lookedUp } from "./look-up.ts";
import { network, networkSubnet } from "./network.ts";
import { primaryIp } from "./primary-ip.ts";
import { server } from "./server.ts";
import { managedCertificate, placementGroup, sshKey } from "./simple.ts";
import { volume, volumeAttachment } from "./volume.ts";

const KINDS = {
  Server: server,
  SshKey: sshKey,
  Network: network,
  NetworkSubnet: networkSubnet,
  Firewall: firewall,
  PlacementGroup: placementGroup,
  PrimaryIp: primaryIp,
  Volume: volume,
  VolumeAttachment: volumeAttachment,
  LoadBalancer: loadBalancer,
  LoadBalancerService: loadBalancerService,
  LoadBalancerTarget: loadBalancerTarget,
  LoadBalancerNetwork: loadBalancerNetwork,
  ManagedCertificate: managedCertificate,
} as const;

/** A fake `pulumi-resource-hcloud`: the same calls to the same API, for the resources that Slipway uses. */
export function hcloud(version: string): Plugin {
  let known: Api | undefined;
  const api = (): Api => {
    if (known === undefined) throw new Error("hcloud: no token is configured (hcloud:token)");
    return known;
  };
  const kinds = Object.entries(KINDS).map(([name, kind]): [string, Kind] => [tokenOf(name), kind(api)]);
  return {
    version,
    kinds: Object.fromEntries(kinds),
    configure: ({ token = process.env.HCLOUD_TOKEN, endpoint = process.env.HCLOUD_ENDPOINT }) => {
      // The real plugin defaults to Hetzner's address, which tests must never reach.
      if (endpoint === undefined || endpoint === "") throw new Error("hcloud: the lab's fake plugin needs hcloud:endpoint");
      if (token !== undefined && token !== "") known = new Api(endpoint, token);
    },
    invoke: (token: string, args: Props) => lookedUp(api(), token, args),
  };
}

/** @example tokenOf("SshKey") // "hcloud:index/sshKey:SshKey" */
const tokenOf = (name: string): string => `hcloud:index/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`;
