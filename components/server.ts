import * as pulumi from "@pulumi/pulumi";
import type { ProxyRun, Ssh } from "../config/index.ts";
import type { Address } from "../hosts/index.ts";
import { HetznerServer, type HetznerServerArgs } from "./hetzner-server.ts";
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
  /** Proved on this server before anything else; none for public images. */
  readonly registry?: RegistryArgs | undefined;
  /** What must be known before anything is changed on this server. Credentials are proved meanwhile. */
  readonly changeAfter?: Promise<unknown>;
  /** How kamal-proxy runs here; none on a server that serves no HTTP. */
  readonly proxy?: ProxyRun | undefined;
  /** A user's own commands, by the role that wants them. */
  readonly setup?: { readonly ssh: Ssh; readonly commands: Readonly<Record<string, readonly string[]>> } | undefined;
}

/**
 * A machine with Docker, ready to run releases.
 *
 * @example
 * new Server("web-1", { machine: { kind: "existing", name: "web-1", address: "203.0.113.10", port: 22, user: "root" }, proxy });
 */
export class Server extends pulumi.ComponentResource {
  /** Where releases reach it. */
  readonly connection: pulumi.Output<Address>;
  /** Its number at Hetzner; undefined for others. */
  readonly serverId: pulumi.Output<number> | undefined;
  /** What a release on this server must wait for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:Server", name, {}, opts);
    const machine = this.machine(name, args.machine);
    this.connection = machine.connection;
    this.serverId = machine.serverId;
    const setup = this.setup(name, args.setup);
    const login = this.login(name, args.registry, setup);
    const proxy = this.proxy(name, args, login);
    this.ready = [...setup, ...login, ...proxy];
    this.registerOutputs({ connection: this.connection });
  }

  private machine(
    name: string,
    machine: MachineArgs,
  ): { connection: pulumi.Output<Address>; serverId: pulumi.Output<number> | undefined } {
    if (machine.kind === "hetzner") return new HetznerServer(name, machine, { parent: this });
    const { kind: _existing, hostKey, ...place } = machine;
    const address = { ...place, ...(hostKey === undefined ? {} : { hostKey }) };
    return { connection: pulumi.output(address) as pulumi.Output<Address>, serverId: undefined };
  }

  private setup(name: string, setup: ServerArgs["setup"]): pulumi.Resource[] {
    const wanted = Object.entries(setup?.commands ?? {}).filter(([, commands]) => commands.length > 0);
    if (setup === undefined) return [];
    return wanted.map(([role, commands]) => {
      const args = { host: this.connection, commands, ssh: setup.ssh };
      return new Setup(`${name}-setup-${role}`, args, { parent: this }).done;
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
    login: RegistryLogin[],
  ): Proxy[] {
    if (run === undefined) return [];
    const own = run.registry === undefined ? undefined : registry;
    const dependsOn: Promise<pulumi.Input<pulumi.Resource>[]> = changeAfter.then(() => login);
    return [new Proxy(`${name}-proxy`, { host: this.connection, run, registry: own }, { parent: this, dependsOn })];
  }
}
