import * as pulumi from "@pulumi/pulumi";
import type { Registry } from "../../core/registry.ts";
import { hostInUrl } from "../../core/url.ts";
import type { HostName, ReleaseId, Slot } from "../../core/words.ts";
import { imageDigests } from "../declare/digests.ts";
import { type Digests, urlsOf } from "../declare/release.ts";
import type { Configured } from "../pulumi/configured.ts";
import { reportOnce } from "../pulumi/report-once.ts";
import { unlessRejected } from "../pulumi/unless-rejected.ts";
import { type RegistryCredentials, RegistryLogin, sealedLogin } from "../server/registry-login.ts";
import type { Server } from "../server/server.ts";
import type { AccessoryOutputs } from "./accessory-outputs.ts";
import { configOf } from "./app-config.ts";
import { AppParts } from "./app-parts.ts";
import { valuesOf } from "./app-values.ts";
import type { AccessoryArgs, AppArgs } from "./args.ts";
import { closedPorts } from "./closed-ports.ts";
import { refuseSharedNames } from "./shared-names.ts";

/**
 * An app on servers: its accessories, its release, its jobs. Several of them may share servers, in one program or in many.
 *
 * @example
 * const web = new slipway.Server("web-1", { address: "203.0.113.10" });
 * const shop = new slipway.App("shop", { image: "ghcr.io/acme/shop:1.4.2", servers: web, proxy: { host: "shop.example.com", ssl: true } });
 * export const urls = shop.urls;
 */
export class App<AccessoryName extends string = string> extends pulumi.ComponentResource {
  /**
   * Where requests reach it: for each host name of its proxy, without one for each server's address.
   *
   * @example ["https://shop.example.com"]
   */
  readonly urls: pulumi.Output<string[]>;
  /**
   * The id of the release: its version, and a hash of all that decides its containers.
   *
   * @example "1.4.2-ab12cd34"
   */
  readonly release: pulumi.Output<ReleaseId>;
  /**
   * `version`, else the image's tag, else the beginning of its digest.
   *
   * @example "1.4.2"
   */
  readonly version: pulumi.Output<string>;
  /**
   * The image by digest.
   *
   * @example "ghcr.io/acme/shop@sha256:9f31ab12…"
   */
  readonly image: pulumi.Output<string>;
  /**
   * What is served on each server: server and role → version, and a hash of what decides the containers there.
   *
   * @example { "web-1/web": "1.4.2-56c41b99", "jobs-1/worker": "1.4.2-25c05f8a" }
   */
  readonly containers: pulumi.Output<Record<Slot, ReleaseId>>;
  /**
   * How each accessory is reached, by its name. Default: empty, without accessories.
   *
   * @example shop.accessories.db.url
   */
  readonly accessories: Readonly<Record<AccessoryName, AccessoryOutputs>>;

  constructor(
    name: string,
    args: AppArgs & { readonly accessories?: { readonly [A in AccessoryName]: AccessoryArgs } | undefined },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slipway:App", name, {}, opts);
    const values = valuesOf(name, args);
    const { servers } = values;
    const config = configOf(values);
    config.refuseIf((own) => closedPorts(`the app ${name}`, own, servers));
    refuseSharedNames(`the app ${name}`, config.shape, servers);
    reportOnce(config.checked);
    const registry = registryOf(config);
    const digests = reportedOnce(config.ask<Digests>(imageDigests));
    const logins = this.declareLogins(name, servers, registry);
    const parts = this.partsOf(name, { config, digests, servers, registry });
    parts.declareBuilds();
    const accessories = parts.declareAccessories();
    const before = [...logins, ...[...accessories.values()].flat(), ...parts.declarePreDeploy()];
    const release = parts.declareRelease(name, before);
    parts.declarePostDeploy(release);
    parts.declareSchedules(release);
    parts.declareExposure(name, openOf(servers), release);

    this.urls = this.urlsOfRoles(config, servers);
    this.release = release.release;
    this.version = release.version;
    this.image = release.image;
    this.containers = release.containers;
    // Its names are those of the arguments.
    this.accessories = parts.outputsOfAccessories(accessories) as typeof this.accessories;
    const { urls, version, image, containers } = this;
    this.registerOutputs({ urls, release: this.release, version, image, containers, accessories: this.accessories });
  }

  private partsOf(
    name: string,
    app: {
      config: Configured;
      digests: pulumi.Input<Digests>;
      servers: ReadonlyMap<HostName, Server>;
      registry: RegistryCredentials | undefined;
    },
  ): AppParts {
    return new AppParts({ ...app, parent: this, prefix: `${name}-`, formerly: () => [] });
  }

  /** Each app has its own login, which its servers verify before the app is changed. */
  private declareLogins(
    name: string,
    servers: ReadonlyMap<HostName, Server>,
    registry: RegistryCredentials | undefined,
  ): RegistryLogin[] {
    if (registry === undefined) return [];
    return [...servers].map(([host, { connection, ready }]) => {
      const args = { ...registry, host: connection };
      return new RegistryLogin(`${name}-${host}-registry`, args, { parent: this, dependsOn: [...ready] });
    });
  }

  /** Without a host name in the config, the URLs have the addresses of the servers. */
  private urlsOfRoles(config: Configured, servers: ReadonlyMap<HostName, Server>): pulumi.Output<string[]> {
    const { urls } = config.derive((own) => ({
      urls: own.roles.flatMap(({ proxy }) => (proxy === undefined ? [] : urlsOf(proxy))),
    }));
    const addresses = [...servers].flatMap(([host, { givenAddress }]) =>
      config.shape.roles.some(({ proxy, hosts }) => proxy?.hosts.length === 0 && hosts.includes(host)) ? [givenAddress] : [],
    );
    return pulumi
      .all([urls, pulumi.all(addresses)])
      .apply(([named, hosts]) => [
        ...new Set(
          named.flatMap((url) => (url.includes("//*") ? hosts.map((host) => url.replace("*", hostInUrl(host))) : [url])),
        ),
      ]);
  }
}

/** A registry that refuses is one error of the program, not one of each resource and output that waits for its answer. */
function reportedOnce<T>(asked: pulumi.Input<T>): pulumi.Input<T> {
  if (!(asked instanceof Promise)) return asked;
  reportOnce(asked);
  return unlessRejected(asked);
}

/** The login of an app, sealed; known or an output. */
function registryOf(config: Configured): RegistryCredentials | undefined {
  if (config.shape.registry === undefined) return undefined;
  return sealedLogin(config.derive(({ registry }) => registry ?? NO_LOGIN));
}

/** Whether there is a login does not depend on outputs. */
const NO_LOGIN: Registry = { server: "", username: "", password: "" };

/** The ports that may be reachable on the servers that have a firewall. */
const openOf = (servers: ReadonlyMap<HostName, Server>) =>
  new Map([...servers].flatMap(([host, { open }]) => (open === undefined ? [] : [[host, open] as const])));
