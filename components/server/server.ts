import type * as pulumi from "@pulumi/pulumi";
import { parseServer, type ServerPart } from "../../config/index.ts";
import type { Opening } from "../../core/opening.ts";
import type { HostName } from "../../core/words.ts";
import type { DockerArgs, FirewallArgs, HardenArgs, ProxyRunArgs } from "./args.ts";
import type { ConnectionArgs } from "./connection-args.ts";
import { DeclaredServer } from "./declared-server.ts";
import { publicOpenings } from "./firewall.ts";
import { refuseOutputs } from "./refuse-outputs.ts";

/** A machine, how SSH reaches it, and what is done to it. */
export interface ServerArgs extends ConnectionArgs {
  /**
   * Docker on it. Default: it is installed where it is missing.
   *
   * @example { version: "28" }
   */
  readonly docker?: DockerArgs | undefined;
  /**
   * Closes all ports but SSH, the proxy's and those listed here, for containers as well. A port that an app publishes has to be listed. Default: false.
   *
   * @example { sshFrom: ["198.51.100.0/24"], allow: [{ port: 5432, from: ["10.0.0.0/16"] }] }
   */
  readonly firewall?: boolean | FirewallArgs | undefined;
  /**
   * SSH by key only, not for root, with a user of its own. Default: false.
   *
   * @example { user: "deploy" }
   */
  readonly harden?: boolean | HardenArgs | undefined;
  /**
   * How kamal-proxy runs there; `false`: it does not, as on a server for databases. Default: true.
   *
   * @example { httpPort: 8080 }
   */
  readonly proxy?: boolean | ProxyRunArgs | undefined;
  /**
   * Shell commands that are run before any app is started there: once, and again when they change. Default: none.
   *
   * @example ["sysctl -w vm.overcommit_memory=1"]
   */
  readonly setup?: string | readonly string[] | undefined;
}

/**
 * A machine for apps, which it does not know: Docker, firewall, SSH, the proxy and the user's own setup are made once, however many apps run there.
 *
 * @example
 * const web = new slipway.Server("web-1", { address: droplet.ipv4Address, hostKey: key.publicKey });
 */
export class Server extends DeclaredServer {
  /** Its name, also in the names of its resources. */
  readonly name: HostName;
  /**
   * The address as it was given: a text that is known stays known in the configs of apps.
   *
   * @example "203.0.113.10"
   */
  readonly givenAddress: pulumi.Input<string>;
  /** The ports that its firewall leaves open besides SSH; undefined: it has no firewall. */
  readonly open: readonly Opening[] | undefined;
  /** Whether kamal-proxy runs there. */
  readonly proxied: boolean;

  constructor(name: string, args: ServerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { address, hostKey, port = 22, user = "root", setup, ...rest } = args;
    refuseOutputs(`the arguments of the server ${name}`, rest, "it decides which resources there are");
    const part = parseServer(name, { ...rest, hostKey: typeof hostKey === "string" ? hostKey : undefined });
    const open = part.firewall && [...publicOpenings(part.proxyRun, []), ...part.firewall.allow];
    const machine = { kind: "existing" as const, name, address, port, user, hostKey };
    super(name, { machine, ...resourcesOf(part), setup: { all: setup === undefined ? [] : [setup].flat() } }, opts);
    this.name = name;
    this.givenAddress = address;
    this.open = open;
    this.proxied = part.proxyRun !== undefined;
  }
}

const resourcesOf = ({ docker, harden, firewall, proxyRun }: ServerPart) => ({
  docker,
  harden,
  firewall: firewall && { firewall, open: publicOpenings(proxyRun, []) },
  proxy: proxyRun,
});
