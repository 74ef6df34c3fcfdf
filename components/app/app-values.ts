import * as pulumi from "@pulumi/pulumi";
import { withYamlKeys } from "../../config/index.ts";
import type { HostName } from "../../core/words.ts";
import type { Server } from "../server/server.ts";
import type { AccessoryArgs, AppArgs, JobArgs, RoleArgs } from "./args.ts";
import { EnvValues } from "./env-values.ts";
import type { ProgramValues } from "./program-values.ts";
import { refuseElsewhere } from "./refuse-elsewhere.ts";
import { refuseOutputs } from "./refuse-outputs.ts";
import { SecretBook } from "./secret-book.ts";
import type { ServerOfRole, Servers } from "./servers.ts";

/** The arguments of an app, and the servers that they name. */
export interface AppValues extends ProgramValues {
  readonly servers: ReadonlyMap<HostName, Server>;
}

type Tree = Record<string, unknown>;

/** The role of servers that are given without one. */
const PRIMARY = "web";

/** @param name the app's, which is its service unless it says otherwise */
export function valuesOf(name: string, args: AppArgs): AppValues {
  const file = `the arguments of the app ${name}`;
  refuseOutputs(file, args);
  return new Reader(args).read(name, file);
}

class Reader {
  readonly #args: AppArgs;
  readonly #secrets: SecretBook;
  readonly #envs: EnvValues;
  readonly #servers = new Map<HostName, Server>();

  constructor(args: AppArgs) {
    this.#args = args;
    this.#secrets = new SecretBook(args.secrets);
    this.#envs = new EnvValues(this.#secrets);
  }

  read(name: string, file: string): AppValues {
    const { servers, env, accessories = {}, jobs = {}, secrets: _, ...rest } = this.#args;
    const own = {
      service: name,
      ...rest,
      servers: this.#roles(servers),
      env: env && this.#envs.root(env),
      accessories: mapped(accessories, (accessory, key) => this.#accessory(accessory, `accessories_${key}`)),
      jobs: mapped(jobs, (job) => this.#job(job)),
    };
    const names = new Map<string, string>();
    const written = withYamlKeys(own, names);
    refuseElsewhere(file, written, names);
    return { values: { ...written, secrets: this.#secrets.values }, servers: this.#servers, names, file };
  }

  #roles(servers: AppArgs["servers"]): Tree {
    if (isServers(servers)) return { [PRIMARY]: { hosts: this.#hosts(servers) } };
    return mapped(servers, (role, key) => (isServers(role) ? { hosts: this.#hosts(role) } : this.#role(role, `servers_${key}`)));
  }

  #role({ hosts, env, ...rest }: RoleArgs, path: string): Tree {
    return { ...rest, hosts: hosts && this.#hosts(hosts), env: env && this.#envs.of(env, path) };
  }

  #accessory({ host, hosts, env, ...rest }: AccessoryArgs, path: string): Tree {
    const on = hosts ?? host;
    return { ...rest, hosts: on && this.#hosts(on), env: env && this.#envs.of(env, path) };
  }

  #job({ onHost, ...rest }: JobArgs): Tree {
    return { ...rest, onHost: onHost?.name };
  }

  /** Where the app is, for what the config says of its hosts; they are reached as their servers say. */
  #hosts(servers: Servers): Tree {
    const listed = [servers].flat().map((one): ServerOfRole => (isServer(one) ? { server: one } : one));
    return Object.fromEntries(
      listed.map(({ server, ...own }) => {
        this.#servers.set(server.name, server);
        return [server.name, { address: server.givenAddress, ...own }];
      }),
    );
  }
}

const mapped = <T>(map: Readonly<Record<string, T>>, of: (value: T, key: string) => unknown): Tree =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, of(value, key)]));

const isServer = (value: Server | ServerOfRole): value is Server => pulumi.Resource.isInstance(value);

const isServers = (value: unknown): value is Servers => Array.isArray(value) || pulumi.Resource.isInstance(value);
