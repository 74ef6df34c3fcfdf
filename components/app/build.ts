import type * as pulumi from "@pulumi/pulumi";
import type { BuildFacts, BuiltImage } from "../../core/build.ts";
import { omitUndefined } from "../../core/values.ts";
import type { HostName } from "../../core/words.ts";
import { type BuiltSource, nameOfBuilt, nameOfJob } from "../declare/built-images.ts";
import type { Digests, ImageDigest } from "../declare/release.ts";
import type { Configured } from "../pulumi/configured.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";
import { sealed } from "../pulumi/sealed.ts";
import type { RegistryCredentials } from "../server/registry-login.ts";

export interface BuildArgs {
  /** The app: its image and secrets. */
  readonly config: Configured;
  /** What is built: known when the program runs, except for the name of the image. */
  readonly source: BuiltSource;
  /** The files of this run, and the version of what they make. */
  readonly facts: pulumi.Input<BuildFacts>;
  /** The hosts of all roles, by their name in the config: where the image is to run. */
  readonly hosts: Readonly<Record<HostName, HostInput>>;
  /** The login for pushing the image. Default: none, so that the logins of this machine's Docker are used. */
  readonly registry: RegistryCredentials | undefined;
}

/** The image of an app, built where the program runs. */
export class Build extends DynamicResource<object> {
  /** Unknown in a preview in which it is to be built. */
  declare readonly built: pulumi.Output<BuiltImage>;

  constructor(name: string, { config, source, facts, hosts, registry }: BuildArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { service, destination } = config.shape;
    const { builder, name: of } = source;
    const { image, secrets, hook, all } = config.derive((own) => ({
      image: nameOfBuilt(own, source),
      hook: own.hooks.pre_build,
      all: own.secrets,
      secrets: Object.fromEntries(builder.secrets.map((secret) => [secret, own.secrets[secret] ?? ""])),
    }));
    const inputs = {
      service,
      destination,
      ...omitUndefined({ name: of }),
      image,
      builder,
      __facts: facts,
      hosts,
      registry,
      secrets: sealed(secrets),
      ...(config.shape.hooks.pre_build === undefined ? {} : { __hook: hook, __secrets: sealed(all) }),
      built: undefined,
    };
    super("build", name, inputs, opts);
  }
}

/** What a release takes from the builds of its images, with all else that was asked. @param built by what runs it, as `builtImages` names it */
export function withBuilt(asked: Digests, built: readonly (readonly [BuiltSource["name"], BuiltImage])[]): Digests {
  const known = new Map(built.map(([name, { digest, version }]) => [name, { image: digest, version }]));
  const own = (all: Digests["roles"], nameOf: (of: string) => string = (of) => of) =>
    all && Object.fromEntries(Object.entries(all).map(([of, one]) => [of, { ...one, ...known.get(nameOf(of)) }]));
  const stored = built.flatMap(([, { digest, identity }]) => (identity === undefined ? [] : [[digest, identity] as const]));
  return {
    ...asked,
    ...known.get(undefined),
    ...omitUndefined({ roles: own(asked.roles), jobs: own(asked.jobs, nameOfJob) }),
    ...(stored.length === 0 ? {} : { stored: { ...asked.stored, ...Object.fromEntries(stored) } }),
  };
}

/** What was asked about one image. @param name of what runs it, as `builtImages` names it */
export function askedOf(digests: Digests, name: BuiltSource["name"]): ImageDigest {
  if (name === undefined) return digests;
  const job = Object.entries(digests.jobs ?? {}).find(([of]) => nameOfJob(of) === name)?.[1];
  return digests.roles?.[name] ?? job ?? {};
}

/** What is known of the files of a build. */
export function factsOf(digests: Digests, name: BuiltSource["name"]): BuildFacts {
  const { build } = askedOf(digests, name);
  if (build === undefined) throw new TypeError(`nothing is known of what ${name ?? "the app"} is built from`);
  return build;
}
