import * as pulumi from "@pulumi/pulumi";
import type { Accessory as Declared } from "../../config/index.ts";
import { type UrlLogin, urlOf } from "../../core/accessory/url.ts";
import type { HostName } from "../../core/words.ts";
import { type DeclaredEndpoint, endpointForApp, endpointOfPort } from "../declare/endpoint.ts";
import { named } from "../declare/named.ts";
import { after } from "../pulumi/after.ts";
import type { Configured } from "../pulumi/configured.ts";
import type { DeclaredServer } from "../server/declared-server.ts";
import type { Accessory } from "./accessory.ts";
import type { AccessoryOutputs, PublishedPort } from "./accessory-outputs.ts";

/** What the outputs of accessories are made from. */
export interface OutputsArgs {
  readonly config: Configured;
  readonly servers: ReadonlyMap<HostName, DeclaredServer>;
  /** The resources of each accessory, by its name. */
  readonly made: ReadonlyMap<string, readonly Accessory[]>;
}

/** By the name of the accessory. */
export const outputsOfAccessories = (args: OutputsArgs): Readonly<Record<string, AccessoryOutputs>> =>
  Object.fromEntries(args.config.shape.accessories.map((accessory) => [accessory.name, outputsOf(accessory, args)]));

function outputsOf(accessory: Declared, { config, servers, made }: OutputsArgs): AccessoryOutputs {
  const { name, hosts } = accessory;
  const ready = <T>(value: pulumi.Input<T>): pulumi.Output<T> => after(made.get(name) ?? [], value);
  const published = hosts.flatMap((on): (readonly [HostName, PublishedPort])[] => {
    const [server, shape] = [servers.get(on), endpointOfPort(config.shape, accessory, on)];
    if (server === undefined || shape === undefined) return [];
    const own = config.derive((real) => endpointOfPort(real, named(real, name), on) ?? shape);
    const [host, port] = [ready(shape.host === undefined ? server.address : present(own.host)), ready(own.port)];
    return [[on, { host, port, url: urlAt(shape, own.login, { host, port }) }]];
  });
  return { hosts, ...endpointOf(accessory, config, ready), published: Object.fromEntries(published) };
}

function endpointOf(
  accessory: Declared,
  config: Configured,
  ready: <T>(value: pulumi.Input<T>) => pulumi.Output<T>,
): Pick<AccessoryOutputs, "host" | "port" | "url"> {
  const shape = endpointForApp(config.shape, accessory);
  if (shape === undefined) return { host: undefined, port: undefined, url: undefined };
  const own = config.derive((real) => endpointForApp(real, named(real, accessory.name)) ?? shape);
  const host = ready(own.host);
  const port = shape.port === undefined ? undefined : ready(present(own.port));
  return { host, port, url: port && urlAt(shape, own.login, { host, port }) };
}

/** @param shape decides whether there is a URL and whether it is a secret, also while the login is not known yet */
function urlAt(
  shape: Pick<DeclaredEndpoint, "login">,
  login: pulumi.Input<UrlLogin | undefined>,
  { host, port }: Pick<PublishedPort, "host" | "port">,
): pulumi.Output<string> | undefined {
  if (shape.login === undefined) return undefined;
  const url = pulumi.all([present(login), host, port]).apply(([own, name, number]) => urlOf(own, name, number));
  return shape.login.isSecret ? pulumi.secret(url) : url;
}

/** Whether a value is undefined does not depend on outputs: the shape decides it. */
const present = <T>(value: pulumi.Input<T | undefined>): pulumi.Input<T> => value as pulumi.Input<T>;
