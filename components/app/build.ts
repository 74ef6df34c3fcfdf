import type * as pulumi from "@pulumi/pulumi";
import type { BuildFacts, BuiltImage } from "../../core/build.ts";
import type { Builder } from "../../core/builder.ts";
import type { HostName } from "../../core/words.ts";
import type { Digests } from "../declare/release.ts";
import type { Configured } from "../pulumi/configured.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";
import { sealed } from "../pulumi/sealed.ts";
import type { RegistryCredentials } from "../server/registry-login.ts";

export interface BuildArgs {
  /** The app: its image and secrets. */
  readonly config: Configured;
  /** Known when the program runs: nothing of it can be an output. */
  readonly builder: Builder;
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

  constructor(name: string, { config, builder, facts, hosts, registry }: BuildArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { service, destination } = config.shape;
    const { image, secrets } = config.derive((own) => ({
      image: own.image,
      secrets: Object.fromEntries(builder.secrets.map((secret) => [secret, own.secrets[secret] ?? ""])),
    }));
    const inputs = {
      service,
      destination,
      image,
      builder,
      __facts: facts,
      hosts,
      registry,
      secrets: sealed(secrets),
      built: undefined,
    };
    super("build", name, inputs, opts);
  }
}

/** What a release takes from a build, with all else that was asked. */
export const withBuilt = (asked: Digests, { digest, identity, version }: BuiltImage): Digests => ({
  ...asked,
  image: digest,
  version,
  ...(identity === undefined ? {} : { stored: { ...asked.stored, [digest]: identity } }),
});
