import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../config/index.ts";
import type { BuiltImage } from "../../core/build.ts";
import type { Opening } from "../../core/opening.ts";
import { isStored } from "../../core/stored-image.ts";
import type { HostName, RoleName } from "../../core/words.ts";
import { type BuiltSource, builtImages, nameOfBuild, nameOfBuilt } from "../declare/built-images.ts";
import { type Digests, declareApp, declareImages, type ImageDigest } from "../declare/release.ts";
import { scheduledHosts } from "../declare/schedule.ts";
import type { Configured } from "../pulumi/configured.ts";
import type { DeclaredServer } from "../server/declared-server.ts";
import { Exposure } from "../server/exposure.ts";
import { openTexts } from "../server/firewall.ts";
import type { RegistryCredentials } from "../server/registry-login.ts";
import { Accessory } from "./accessory.ts";
import type { AccessoryOutputs } from "./accessory-outputs.ts";
import { askedOf, Build, factsOf, withBuilt } from "./build.ts";
import { Hook } from "./hook.ts";
import { outputsOfAccessories } from "./outputs-of-accessories.ts";
import { isForPulumi, pulumiImage } from "./pulumi-image.ts";
import { Release } from "./release.ts";
import { Schedule } from "./schedule.ts";

export interface AppPartsArgs {
  readonly config: Configured;
  readonly digests: pulumi.Input<Digests>;
  readonly servers: ReadonlyMap<HostName, DeclaredServer>;
  readonly registry: RegistryCredentials | undefined;
  /** The component that has them as children. */
  readonly parent: pulumi.ComponentResource;
  /** What a name begins with, so that those of two apps in one program differ. Empty: an app is alone in its program. */
  readonly prefix: string;
  /** Names that a host had: its resources in the state stay the same under the new one. */
  readonly formerly: (host: HostName) => readonly string[];
}

/** The resources of one app, in the order in which they are converged; each depends on those before it. */
export class AppParts {
  readonly #args: AppPartsArgs;
  readonly #config: Config;
  #digests: pulumi.Input<Digests>;
  readonly #accessories: Accessory[] = [];
  /** What is built in this run, by what runs it. */
  readonly #built = new Map<BuiltSource["name"], pulumi.Output<BuiltImage>>();

  constructor(args: AppPartsArgs) {
    this.#args = args;
    this.#config = args.config.shape;
    this.#digests = args.digests;
  }

  /** What has the images waits for them. */
  declareBuilds(): void {
    const built = builtImages(this.#config);
    if (built.length === 0) return;
    for (const source of built) {
      const { name } = source;
      const resource = `${this.#args.prefix}${nameOfBuild(this.#config.service, name)}`;
      this.#built.set(name, this.#declareBuild(resource, source));
    }
    const made = [...this.#built].map(([name, image]) => pulumi.all([name, image]));
    this.#digests = pulumi.all([this.#args.digests, pulumi.all(made)]).apply(([asked, images]) => withBuilt(asked, images));
  }

  /** A build for the CPUs of the hosts begins when these have Docker; any other begins at once. */
  #declareBuild(name: string, source: BuiltSource): pulumi.Output<BuiltImage> {
    const { config, digests, parent } = this.#args;
    const { builder, image: written, name: of } = source;
    const facts = pulumi.output(digests).apply((known) => factsOf(known, of));
    // What is pushed nowhere needs no login, and its state none either.
    const registry = isStored(written) ? undefined : this.#args.registry;
    // It builds by itself, without a moment before.
    if (this.#config.hooks.pre_build === undefined && isForPulumi(builder, written)) {
      const { image } = config.derive((own) => ({ image: nameOfBuilt(own, source) }));
      return pulumiImage(name, { image, builder, facts, registry }, { parent });
    }
    const servers = this.#ownServers();
    const dependsOn = builder.platforms.length > 0 ? [] : servers.flatMap(([, { engine }]) => engine);
    return new Build(name, { config, source, facts, hosts: connections(servers), registry }, { parent, dependsOn }).built;
  }

  /** A host with nothing but accessories is not part of the release: it may be down meanwhile. */
  #ownServers(): (readonly [HostName, DeclaredServer])[] {
    const own = new Set(this.#config.roles.flatMap((role) => role.hosts));
    return [...this.#args.servers].filter(([host]) => own.has(host));
  }

  /**
   * The app waits for them. An accessory whose environment refers to another one waits for that one.
   *
   * @returns those of each accessory, by its name
   */
  declareAccessories(): ReadonlyMap<string, readonly Accessory[]> {
    const { config, servers, parent, prefix, formerly } = this.#args;
    const made = new Map<string, Accessory[]>();
    for (const accessory of inOrderOfDependency(this.#config.accessories)) {
      const needed = accessory.after.flatMap((other) => made.get(other) ?? []);
      const own = accessory.hosts.flatMap((on, nth) => {
        const server = servers.get(on);
        if (server === undefined) return [];
        const aliases = formerly(on).map((old) => ({ name: `${prefix}${accessory.name}-${old}` }));
        // Before its name had the host in every case, the only one of an accessory was called like it.
        if (nth === 0 && prefix === "") aliases.push({ name: accessory.name });
        const args = { config, accessory: accessory.name, on, host: server.connection };
        const opts = { parent, aliases, dependsOn: this.#onceVerified([...server.ready, ...needed]) };
        return [new Accessory(`${prefix}${accessory.name}-${on}`, args, opts)];
      });
      made.set(accessory.name, own);
      this.#accessories.push(...own);
    }
    return made;
  }

  /** An image without the signature that is asked for stops a run before it changes anything of the app. */
  #onceVerified(after: readonly pulumi.Resource[]): pulumi.Input<pulumi.Input<pulumi.Resource>[]> {
    const { digests } = this.#args;
    return this.#config.verify !== undefined && digests instanceof Promise ? digests.then(() => [...after]) : [...after];
  }

  /** By the name of the accessory. @param made what `declareAccessories` has returned */
  outputsOfAccessories(made: ReadonlyMap<string, readonly Accessory[]>): Readonly<Record<string, AccessoryOutputs>> {
    const { config, servers } = this.#args;
    return outputsOfAccessories({ config, servers, made });
  }

  /** @returns what the release waits for */
  declarePreDeploy(): pulumi.Resource[] {
    const { config, servers, parent, prefix } = this.#args;
    if (this.#config.hooks.pre_deploy === undefined) return [];
    const release = pulumi
      .output(this.#digests)
      .apply((known) => pulumi.output(config.derive((own) => declareImages(own, declareApp(own).roles, known))));
    const dependsOn = [...servers.values()].flatMap(({ ready }) => ready);
    const args = { moment: "pre_deploy", config, release, hosts: connections([...servers]) } as const;
    return [new Hook(`${prefix}pre-deploy`, args, { parent, dependsOn })];
  }

  declareRelease(name: string, before: readonly pulumi.Resource[]): Release {
    const { config, servers, registry, parent } = this.#args;
    const digests = this.#digests;
    const hosts = connections(this.#ownServers());
    const dependsOn = [...[...servers.values()].flatMap(({ ready }) => ready), ...before];
    const digestOf = (role: RoleName | undefined) => this.#digestOf(role);
    return new Release(name, { config, digests, digestOf, hosts, registry }, { parent, dependsOn });
  }

  /** Of one image, known while others are built. @param role undefined: the app's */
  #digestOf(role: RoleName | undefined): pulumi.Input<ImageDigest> {
    const built = this.#built.get(role);
    return (
      built?.apply(({ digest, version }): ImageDigest => ({ image: digest, version })) ??
      pulumi.output(this.#args.digests).apply((asked) => askedOf(asked, role))
    );
  }

  declarePostDeploy(release: Release): void {
    const { config, servers, parent, prefix } = this.#args;
    if (this.#config.hooks.post_deploy === undefined) return;
    const reached = pulumi
      .all([release.version, release.image, release.release])
      .apply(([version, image, id]) => ({ version, image, release: id }));
    const args = { moment: "post_deploy", config, release: reached, hosts: connections([...servers]) } as const;
    new Hook(`${prefix}post-deploy`, args, { parent, dependsOn: [release] });
  }

  /** After the release: jobs change with the app, and backups need their accessories. */
  declareSchedules(release: Release | undefined): void {
    const { config, servers, registry, parent, prefix, formerly } = this.#args;
    const digests = release === undefined ? undefined : this.#digests;
    const accessories = this.#accessories;
    for (const on of scheduledHosts(this.#config)) {
      const host = servers.get(on)?.connection;
      if (host === undefined) continue;
      const aliases = formerly(on).map((old) => ({ name: `${prefix}${old}-schedule` }));
      const args = { config, on, host, digests, registry };
      new Schedule(`${prefix}${on}-schedule`, args, {
        parent,
        aliases,
        dependsOn: release === undefined ? accessories : [release],
      });
    }
  }

  /** Checks from outside the hosts whose ports are closed. @param open host → the ports that may be reachable there */
  declareExposure(name: string, open: ReadonlyMap<HostName, readonly Opening[]>, release: Release | undefined): void {
    if (open.size === 0) return;
    const hosts = connections([...this.#args.servers].filter(([host]) => open.has(host)));
    const declared = Object.fromEntries([...open].map(([host, openings]) => [host, openTexts(openings)]));
    const args = { hosts, declared, release: release?.release ?? "" };
    const dependsOn = release === undefined ? this.#accessories : [release];
    new Exposure(`${name}-exposure`, args, { parent: this.#args.parent, dependsOn });
  }
}

const connections = (servers: readonly (readonly [HostName, DeclaredServer])[]) =>
  Object.fromEntries(servers.map(([name, { connection }]) => [name, connection]));

/** Each after all that it depends on; the config has refused cycles. */
function inOrderOfDependency(accessories: Config["accessories"]): Config["accessories"] {
  const inOrder = new Set<Config["accessories"][number]>();
  const add = (accessory: Config["accessories"][number]): void => {
    if (inOrder.has(accessory)) return;
    for (const other of accessories) if (accessory.after.includes(other.name)) add(other);
    inOrder.add(accessory);
  };
  accessories.forEach(add);
  return [...inOrder];
}
