import * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../../core/values.ts";
import type { HostName, ReleaseId, RoleName, Slot } from "../../core/words.ts";
import {
  type Digests,
  declareApp,
  declareImages,
  type ImageDigest,
  imageOfRole,
  ownRoles,
  releaseAt,
} from "../declare/release.ts";
import { ownConfigHash } from "../pulumi/config-values.ts";
import type { Configured } from "../pulumi/configured.ts";
import { DynamicResource, type HostInput, ownerOf } from "../pulumi/dynamic.ts";
import { sealed } from "../pulumi/sealed.ts";
import type { RegistryCredentials } from "../server/registry-login.ts";

export interface ReleaseArgs {
  /**
   * The app: its roles, secrets and timeouts.
   *
   * @example plainly(await stackConfig())
   */
  readonly config: Configured;
  /**
   * The digests of the image's tags in this run.
   *
   * @example imageDigests(config)
   */
  readonly digests: pulumi.Input<Digests>;
  /**
   * The same for what one role runs; undefined: for the app's image. In a preview it is known while another image is to be built.
   *
   * @example () => digests
   */
  readonly digestOf: (role: RoleName | undefined) => pulumi.Input<ImageDigest>;
  /**
   * The hosts of all roles, by their name in the config.
   *
   * @example { "web-1": server.connection }
   */
  readonly hosts: Readonly<Record<HostName, HostInput>>;
  /**
   * Credentials for the image. Default: none, for a public image.
   *
   * @example { server: "ghcr.io", username: "shop-deploy", password: config.requireSecret("registryPassword") }
   */
  readonly registry?: RegistryCredentials | undefined;
}

/** One version of the app on all its hosts: prepared everywhere, then switched everywhere, or not at all. */
export class Release extends DynamicResource<object> {
  declare readonly version: pulumi.Output<string>;
  /** By digest. */
  declare readonly image: pulumi.Output<string>;
  /** `1.4.2-ab12cd34` */
  declare readonly release: pulumi.Output<ReleaseId>;
  /** What runs where: `{"web-1/web": "1.4.2-ab12cd34"}`. */
  declare readonly containers: pulumi.Output<Record<Slot, ReleaseId>>;

  constructor(
    name: string,
    { config, digests, digestOf, hosts, registry }: ReleaseArgs,
    opts: pulumi.CustomResourceOptions = {},
  ) {
    const declared = config.derive(declareApp);
    const images = pulumi
      .output(digests)
      .apply((known) => config.derive((own) => declareImages(own, declareApp(own).roles, known)));
    const imageOf = (role: RoleName | undefined) =>
      pulumi.output(digestOf(role)).apply((digest) => pulumi.output(config.derive((own) => imageOfRole(own, role, digest))));
    const app = imageOf(undefined);
    const own = ownRoles(config.shape).map((role) => [role, imageOf(role)] as const);
    const inputs = {
      ...declared,
      ...ownerOf(config.shape.adopt),
      __configHash: ownConfigHash(),
      ...hooksOf(config),
      version: app.version,
      image: app.image,
      ...(own.length === 0 ? {} : { images: Object.fromEntries(own) }),
      release: images.release,
      // Slot by slot, so that a preview knows where something runs before it knows what, and what stays as it is.
      containers: Object.fromEntries(containersOf(config, digestOf)),
      canary: images.canary,
      // An output does not give access to keys that begin like this.
      __unconfirmedTags: images.apply(({ __unconfirmedTags: tags }) => tags),
      __verified: images.apply(({ __verified: verified }) => verified),
      __stored: images.apply(({ __stored: stored }) => stored),
      ...(config.shape.notes.length === 0 ? {} : { __notes: [...config.shape.notes] }),
      hosts,
      registry,
      secrets: sealed(declared.secrets),
    };
    super("release", name, inputs, opts);
  }
}

/** Those that run while containers are replaced. */
function hooksOf(config: Configured) {
  const { pre_app_boot: before, post_app_boot: after } = config.shape.hooks;
  if (before === undefined && after === undefined) return {};
  const { __hooks } = config.derive(({ hooks: { pre_app_boot, post_app_boot } }) => ({
    __hooks: omitUndefined({ pre_app_boot, post_app_boot }),
  }));
  return { __hooks };
}

const containersOf = (config: Configured, digestOf: ReleaseArgs["digestOf"]) =>
  config.shape.roles.flatMap(({ name: role, hosts, own }) => {
    const digest = pulumi.output(digestOf(own === undefined ? undefined : role));
    return hosts.map((host): [Slot, pulumi.Output<ReleaseId>] => {
      const release = digest.apply((of) => pulumi.output(config.derive((app) => ({ id: releaseAt(app, host, role, of) })).id));
      // An output of an input is one output.
      return [`${host}/${role}`, release as pulumi.Output<ReleaseId>];
    });
  });
