import * as pulumi from "@pulumi/pulumi";
import type { Docker, Firewall as FirewallConfig, Harden, ProxyRun, Ssh } from "../../config/index.ts";
import type { Opening } from "../../core/opening.ts";
import type { Seconds } from "../../core/words.ts";
import { HetznerServer, type HetznerServerArgs } from "../hetzner/server.ts";
import type { HostInput } from "../pulumi/dynamic.ts";
import { DockerEngine } from "./docker-engine.ts";
import { Firewall } from "./firewall.ts";
import { Hardening } from "./hardening.ts";
import { Proxy } from "./proxy.ts";
import { type RegistryArgs, RegistryLogin } from "./registry-login.ts";
import { Setup } from "./setup.ts";

/** Where a server comes from. */
export type MachineArgs =
  /** It is there already, or the program makes it: then its address is an output. */
  | ({ readonly kind: "existing" } & ExistingMachine)
  /** This makes it. */
  | ({ readonly kind: "hetzner" } & HetznerServerArgs);

export interface ExistingMachine {
  /** As the config names it: `web-1`. */
  readonly name: string;
  /** IP address or host name. */
  readonly address: pulumi.Input<string>;
  readonly port: number;
  readonly user: string;
  /** The key that it must show: `ssh-ed25519 AAAA…`. Without it, known_hosts decides. */
  readonly hostKey?: pulumi.Input<string> | undefined;
}

export interface ServerArgs {
  readonly machine: MachineArgs;
  /** How its Docker is. */
  readonly docker: Docker;
  /** SSH by key only and not for root; undefined: as it is. */
  readonly harden?: Harden | undefined;
  /** What may be reached from outside; undefined: nobody closes anything. */
  readonly firewall?: { readonly rules: FirewallConfig; readonly open: readonly Opening[] } | undefined;
  /** Proved on this server before anything else; none for public images. */
  readonly registry?: RegistryArgs | undefined;
  /** What must be known before anything is changed on this server. Credentials are proved meanwhile. */
  readonly changeAfter?: Promise<unknown>;
  /** How kamal-proxy runs here; none on a server that serves no HTTP. */
  readonly proxy?: ProxyRun | undefined;
  /** A user's own commands, by the role that wants them. */
  readonly setup?: { readonly ssh: Ssh; readonly commands: Readonly<Record<string, readonly string[]>> } | undefined;
}

/** How long a machine that was just made may take until it has booted and set itself up. */
const NEWBORN: Seconds = 600;

/**
 * A machine with Docker, ready to run releases.
 *
 * @example
 * new Server("web-1", { machine: { kind: "existing", name: "web-1", address: "203.0.113.10", port: 22, user: "root" }, docker, proxy });
 */
export class Server extends pulumi.ComponentResource {
  /** Where releases reach it. */
  readonly connection: HostInput;
  /** Its number at Hetzner; undefined for others. */
  readonly serverId: pulumi.Output<number> | undefined;
  /** What a release on this server must wait for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:Server", name, {}, opts);
    const machine = this.machine(name, args.machine);
    this.serverId = machine.serverId;
    const hardening = this.hardening(name, machine.connection, args);
    this.connection = hardening[0]?.address ?? machine.connection;
    const engine = this.engine(name, args, hardening);
    const firewall = this.firewall(name, args, [...hardening, engine]);
    const setup = this.setup(name, args, [...hardening, engine]);
    const before = [...hardening, engine, ...firewall, ...setup];
    const login = this.login(name, args.registry, before);
    const proxy = this.proxy(name, args, [...before, ...login]);
    this.ready = [...before, ...login, ...proxy];
    this.registerOutputs({ connection: this.connection });
  }

  private machine(name: string, machine: MachineArgs): { connection: HostInput; serverId: pulumi.Output<number> | undefined } {
    if (machine.kind === "hetzner") return new HetznerServer(name, machine, { parent: this });
    const { kind: _existing, hostKey, ...place } = machine;
    return { connection: { ...place, ...(hostKey === undefined ? {} : { hostKey }) }, serverId: undefined };
  }

  private hardening(name: string, host: HostInput, { harden, machine }: ServerArgs): Hardening[] {
    if (harden === undefined) return [];
    return [new Hardening(`${name}-hardening`, { host, harden, patience: patienceFor(machine) }, { parent: this })];
  }

  private engine(name: string, { machine, docker }: ServerArgs, dependsOn: pulumi.Resource[]): DockerEngine {
    const args = { host: this.connection, docker, patience: patienceFor(machine) };
    return new DockerEngine(`${name}-docker`, args, { parent: this, dependsOn });
  }

  private firewall(name: string, { firewall }: ServerArgs, dependsOn: pulumi.Resource[]): Firewall[] {
    if (firewall === undefined) return [];
    const args = { host: this.connection, firewall: firewall.rules, open: firewall.open };
    return [new Firewall(`${name}-firewall`, args, { parent: this, dependsOn })];
  }

  private setup(name: string, { setup }: ServerArgs, dependsOn: pulumi.Resource[]): pulumi.Resource[] {
    if (setup === undefined) return [];
    const wanted = Object.entries(setup.commands).filter(([, commands]) => commands.length > 0);
    return wanted.map(([role, commands]) => {
      const args = { host: this.connection, commands, ssh: setup.ssh };
      return new Setup(`${name}-setup-${role}`, args, { parent: this, dependsOn }).done;
    });
  }

  private login(name: string, registry: RegistryArgs | undefined, dependsOn: readonly pulumi.Resource[]): RegistryLogin[] {
    if (registry === undefined) return [];
    const args = { ...registry, host: this.connection };
    return [new RegistryLogin(`${name}-registry`, args, { parent: this, dependsOn: [...dependsOn] })];
  }

  private proxy(
    name: string,
    { proxy: run, registry, changeAfter = Promise.resolve() }: ServerArgs,
    after: readonly pulumi.Resource[],
  ): Proxy[] {
    if (run === undefined) return [];
    const own = run.registry === undefined ? undefined : registry;
    const dependsOn: Promise<pulumi.Input<pulumi.Resource>[]> = changeAfter.then(() => [...after]);
    return [new Proxy(`${name}-proxy`, { host: this.connection, run, registry: own }, { parent: this, dependsOn })];
  }
}

const patienceFor = (machine: MachineArgs): Seconds =>
  machine.kind === "hetzner" || pulumi.Output.isInstance(machine.address) ? NEWBORN : 0;
