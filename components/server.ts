import * as pulumi from "@pulumi/pulumi";
import type { ProxyRun } from "../config/index.ts";
import type { Address } from "../hosts/index.ts";
import { Proxy } from "./proxy.ts";
import { type RegistryArgs, RegistryLogin } from "./registry-login.ts";

/** Where a server comes from. */
export type MachineArgs = { readonly kind: "existing" } & Address;

export interface ServerArgs {
  readonly machine: MachineArgs;
  /** Proved on this server before anything else; none for public images. */
  readonly registry?: RegistryArgs | undefined;
  /** What must be known before anything is changed on this server. Credentials are proved meanwhile. */
  readonly changeAfter?: Promise<unknown>;
  /** How kamal-proxy runs here; none on a server that serves no HTTP. */
  readonly proxy?: ProxyRun | undefined;
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
  /** What a release on this server must wait for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:Server", name, {}, opts);
    this.connection = this.machine(args.machine);
    const login = this.login(name, args.registry);
    const proxy = this.proxy(name, args, login);
    this.ready = [...login, ...proxy];
    this.registerOutputs({ connection: this.connection });
  }

  private machine({ kind: _existing, ...address }: MachineArgs): pulumi.Output<Address> {
    return pulumi.output(address);
  }

  private login(name: string, registry: RegistryArgs | undefined): RegistryLogin[] {
    if (registry === undefined) return [];
    return [new RegistryLogin(`${name}-registry`, { ...registry, host: this.connection }, { parent: this })];
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
