import * as pulumi from "@pulumi/pulumi";
import type { Docker, Harden, ProxyRun } from "../../config/index.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { HetznerServer, type HetznerServerArgs } from "../hetzner/server.ts";
import { metadataAt } from "../hetzner/user-data.ts";
import { after } from "../pulumi/after.ts";
import type { HostFields } from "../pulumi/dynamic.ts";
import { DockerEngine } from "./docker-engine.ts";
import { Firewall, type FirewallArgs } from "./firewall.ts";
import { Hardening } from "./hardening.ts";
import { BOOT_TIMEOUT, patienceAt } from "./patience.ts";
import { ProxyContainer } from "./proxy-container.ts";
import { type RegistryCredentials, RegistryLogin } from "./registry-login.ts";
import { Setup } from "./setup.ts";

/** Where a server comes from. */
export type MachineArgs =
  /** It exists, or the program creates it: then its address is an output. */
  | ({ readonly kind: "existing" } & ExistingMachine)
  /** This component creates it. */
  | ({ readonly kind: "hetzner" } & HetznerServerArgs);

export interface ExistingMachine {
  /**
   * Its name in the config.
   *
   * @example "web-1"
   */
  readonly name: string;
  /**
   * IP address or host name.
   *
   * @example "203.0.113.10"
   */
  readonly address: pulumi.Input<string>;
  /**
   * Port of SSH.
   *
   * @example 22
   */
  readonly port: number;
  /**
   * Who logs in; needs sudo without a password unless it is root.
   *
   * @example "root"
   */
  readonly user: string;
  /**
   * The host key that it must present. Default: the one in known_hosts.
   *
   * @example "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW"
   */
  readonly hostKey?: pulumi.Input<string> | undefined;
}

export interface DeclaredServerArgs {
  /**
   * An existing machine, or one to create.
   *
   * @example { kind: "existing", name: "web-1", address: "203.0.113.10", port: 22, user: "root" }
   */
  readonly machine: MachineArgs;
  /**
   * Whether and how Docker is installed, and its settings.
   *
   * @example config.docker
   */
  readonly docker: Docker;
  /**
   * SSH by key only, not for root, and for this user. Default: SSH is left as it is.
   *
   * @example { user: "deploy" }
   */
  readonly harden?: Harden | undefined;
  /**
   * Closes all ports but SSH, those of `firewall`, and those of `open`, which the app needs. Default: no firewall.
   *
   * @example { rules: { sshFrom: ["198.51.100.0/24"], allow: [] }, open: [] }
   */
  readonly firewall?: Omit<FirewallArgs, "host"> | undefined;
  /**
   * Credentials that are verified on this server before the app is changed. Default: none, for public images.
   *
   * @example { server: "ghcr.io", username: "shop-deploy", password: config.requireSecret("registryPassword") }
   */
  readonly registry?: RegistryCredentials | undefined;
  /**
   * The proxy is not changed before this is fulfilled; credentials are verified meanwhile. Default: it waits for nothing.
   *
   * @example imageDigests(config)
   */
  readonly changeAfter?: Promise<unknown>;
  /**
   * How kamal-proxy runs. Default: no proxy, for a server that serves no HTTP.
   *
   * @example config.proxyRun
   */
  readonly proxy?: ProxyRun | undefined;
  /**
   * Names that it had: its resources in the state stay the same under the new one. Default: none.
   *
   * @example ["203.0.113.10"]
   */
  readonly formerly?: readonly string[] | undefined;
  /**
   * The user's own commands by role. Default: none.
   *
   * @example { web: ["sysctl -w vm.overcommit_memory=1"] }
   */
  readonly setup?: Readonly<Record<string, readonly string[]>>;
}

/**
 * A machine with Docker, ready to run releases: everything that belongs to it, resolved.
 *
 * @example
 * new DeclaredServer("web-1", { machine: { kind: "existing", name: "web-1", address: "203.0.113.10", port: 22, user: "root" }, docker, proxy });
 */
export class DeclaredServer extends pulumi.ComponentResource {
  /** How releases reach it: what the outputs below say, with the host key. It does not wait for `harden`. */
  readonly connection: HostFields;
  /**
   * IP address or host name of SSH. With `harden`, what takes it waits until that is done.
   *
   * @example "203.0.113.10"
   */
  readonly address: pulumi.Output<string>;
  /**
   * Port of SSH. With `harden`, what takes it waits until that is done.
   *
   * @example 22
   */
  readonly port: pulumi.Output<number>;
  /**
   * Who logs in; with `harden` the user whom that makes, and what takes it waits until then.
   *
   * @example "deploy"
   */
  readonly user: pulumi.Output<string>;
  /**
   * Its id at Hetzner. Default: undefined, for machines that Slipway did not make there.
   *
   * @example 4711
   */
  readonly serverId: pulumi.Output<number> | undefined;
  /** What must be done before its Docker can be asked. */
  readonly engine: readonly pulumi.Resource[];
  /** What a release on this server must wait for. */
  readonly ready: readonly pulumi.Resource[];
  readonly #formerly: readonly string[];

  constructor(name: string, args: DeclaredServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:Server", name, {}, opts);
    this.#formerly = args.formerly ?? [];
    const machine = this.declareMachine(name, args.machine);
    this.serverId = machine.serverId;
    const hardening = this.declareHardening(name, machine.connection, args);
    this.connection = hardening[0]?.address ?? machine.connection;
    this.address = after(hardening, this.connection.address);
    this.port = after(hardening, this.connection.port);
    this.user = after(hardening, this.connection.user);
    const engine = this.declareDocker(name, args, hardening);
    const firewall = this.declareFirewall(name, args, [...hardening, engine]);
    const setup = this.declareSetup(name, args, [...hardening, engine]);
    const before = [...hardening, engine, ...firewall, ...setup];
    const login = this.declareLogin(name, args, before);
    const proxy = this.declareProxy(name, args, [...before, ...login]);
    this.engine = [...hardening, engine];
    this.ready = [...before, ...login, ...proxy];
    this.registerOutputs({ connection: this.connection });
  }

  private declareMachine(name: string, machine: MachineArgs): Pick<DeclaredServer, "connection" | "serverId"> {
    if (machine.kind === "hetzner") return new HetznerServer(name, machine, { parent: this });
    const { kind: _existing, hostKey, ...address } = machine;
    return { connection: { ...address, ...omitUndefined({ hostKey }) }, serverId: undefined };
  }

  private declareHardening(name: string, host: HostFields, { harden, machine }: DeclaredServerArgs): Hardening[] {
    if (harden === undefined) return [];
    return [new Hardening(`${name}-hardening`, { host, harden, patience: patienceFor(machine) }, this.part("hardening", []))];
  }

  private declareDocker(name: string, { machine, docker }: DeclaredServerArgs, dependsOn: pulumi.Resource[]): DockerEngine {
    const args = { host: this.connection, docker, patience: patienceFor(machine) };
    return new DockerEngine(`${name}-docker`, args, this.part("docker", dependsOn));
  }

  private declareFirewall(name: string, { firewall, machine }: DeclaredServerArgs, dependsOn: pulumi.Resource[]): Firewall[] {
    if (firewall === undefined) return [];
    const metadata = machine.kind === "hetzner" ? "closed" : metadataAt(machine.hostKey);
    return [new Firewall(`${name}-firewall`, { metadata, ...firewall, host: this.connection }, this.part("firewall", dependsOn))];
  }

  private declareSetup(name: string, { setup = {} }: DeclaredServerArgs, dependsOn: pulumi.Resource[]): pulumi.Resource[] {
    const wanted = Object.entries(setup).filter(([, commands]) => commands.length > 0);
    return wanted.map(([role, commands]) => {
      return new Setup(`${name}-setup-${role}`, { host: this.connection, role, commands }, this.part(`setup-${role}`, dependsOn));
    });
  }

  private declareLogin(name: string, { registry }: DeclaredServerArgs, dependsOn: pulumi.Resource[]): RegistryLogin[] {
    if (registry === undefined) return [];
    return [new RegistryLogin(`${name}-registry`, { ...registry, host: this.connection }, this.part("registry", dependsOn))];
  }

  private declareProxy(name: string, args: DeclaredServerArgs, after: readonly pulumi.Resource[]): ProxyContainer[] {
    const { proxy: run, changeAfter = Promise.resolve() } = args;
    if (run === undefined) return [];
    const registry = run.registry === undefined ? undefined : args.registry;
    const dependsOn: Promise<pulumi.Input<pulumi.Resource>[]> = changeAfter.then(() => [...after]);
    return [new ProxyContainer(`${name}-proxy`, { host: this.connection, run, registry }, this.part("proxy", dependsOn))];
  }

  /**
   * Options of `<name>-<part>`. The parts have the aliases, not this component: a run with a refresh, which ours always are, ends in a
   * panic of Pulumi 3.259 when a component has another name (pulumi/pulumi#21404).
   */
  private part(part: string, dependsOn: NonNullable<pulumi.CustomResourceOptions["dependsOn"]>): pulumi.CustomResourceOptions {
    return { parent: this, dependsOn, aliases: this.#formerly.map((old) => ({ name: `${old}-${part}` })) };
  }
}

const patienceFor = (machine: MachineArgs): Seconds => (machine.kind === "hetzner" ? BOOT_TIMEOUT : patienceAt(machine.address));
