import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../config/index.ts";
import type { HostName, ReleaseId, Slot } from "../core/words.ts";
import { type Digests, urlsOf } from "./declare-release.ts";
import type { RegistryArgs } from "./registry-login.ts";
import { Release } from "./release.ts";
import { Server } from "./server.ts";

/** All of one stack: its servers, and the release of its app on them. */
export class Deployment extends pulumi.ComponentResource {
  /** Where the app answers. */
  readonly urls: pulumi.Output<string[]>;
  /** `1.4.2-ab12cd34` */
  readonly release: pulumi.Output<ReleaseId>;
  /** What runs where: `{"web-1/web": "1.4.2-ab12cd34"}`. */
  readonly containers: pulumi.Output<Record<Slot, ReleaseId>>;

  /** @param asked what the tags mean in this run: `imageDigests(config)`; who asked waits for it, too, and tells if it fails */
  constructor(config: Config, asked: Promise<Digests>, opts?: pulumi.ComponentResourceOptions) {
    // A state with fewer or more of them than a whole run declared is not the state of one.
    const counted = new Set<string>();
    const count: pulumi.ResourceTransformation = ({ type, name }) => void counted.add(`${type} ${name}`);
    super("slipway:Deployment", config.service, {}, { ...opts, transformations: [...(opts?.transformations ?? []), count] });
    const registry = registryOf(config);
    const digests = ifEver(asked);
    const servers = this.servers(config, registry, digests);
    const release = this.app(config, digests, servers, registry);

    this.urls = pulumi.output(answeringAt(config));
    this.release = release.release;
    this.containers = release.containers;
    this.registerOutputs({ urls: this.urls, release: this.release, containers: this.containers, resources: counted.size });
  }

  private servers(config: Config, registry: RegistryArgs | undefined, digests: Promise<Digests>): Map<HostName, Server> {
    const proxied = new Set(config.roles.flatMap(({ proxy, hosts }) => (proxy === undefined ? [] : hosts)));
    return new Map(
      config.hosts.map((host) => {
        const machine = { kind: "existing", ...host } as const;
        const proxy = proxied.has(host.name) ? config.proxyRun : undefined;
        return [host.name, new Server(host.name, { machine, registry, proxy, changeAfter: digests }, { parent: this })];
      }),
    );
  }

  private app(
    config: Config,
    digests: Promise<Digests>,
    servers: Map<HostName, Server>,
    registry: RegistryArgs | undefined,
  ): Release {
    const hosts = Object.fromEntries([...servers].map(([name, { connection }]) => [name, connection]));
    const dependsOn = [...servers.values()].flatMap(({ ready }) => ready);
    return new Release(config.service, { config, digests, hosts, registry }, { parent: this, dependsOn });
  }
}

/** Pulumi would tell a failed input once more for each resource and output that it is part of. */
const ifEver = <T>(promise: Promise<T>): Promise<T> => promise.catch(() => new Promise<never>(() => {}));

const registryOf = ({ registry }: Config): RegistryArgs | undefined =>
  registry && { server: registry.server, username: registry.username, password: pulumi.secret(registry.password) };

/** Without a host name in the config, the app answers at the addresses of its hosts. */
function answeringAt(config: Config): string[] {
  const urls = config.roles.flatMap(({ proxy, hosts }) => {
    if (proxy === undefined) return [];
    if (proxy.hosts.length > 0) return urlsOf(proxy);
    const addresses = config.hosts.filter(({ name }) => hosts.includes(name)).map(({ address }) => address);
    return urlsOf({ ...proxy, hosts: addresses.map((address) => (address.includes(":") ? `[${address}]` : address)) });
  });
  return [...new Set(urls)];
}
