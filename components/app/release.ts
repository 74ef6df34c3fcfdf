import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../config/index.ts";
import type { HostName, ReleaseId, Slot } from "../../core/words.ts";
import { type Digests, declareApp, declareImages } from "../declare/release.ts";
import { ownConfigHash } from "../pulumi/config-values.ts";
import type { Configured } from "../pulumi/configured.ts";
import { DynamicResource, type HostInput, ownerOf } from "../pulumi/dynamic.ts";
import { sealed } from "../pulumi/sealed.ts";
import type { RegistryCredentials } from "../server/registry-login.ts";

export interface ReleaseArgs {
  /**
   * The app: its roles, secrets and timeouts.
   *
   * @example plainly(stackConfig())
   */
  readonly config: Configured;
  /**
   * The digests of the image's tags in this run.
   *
   * @example imageDigests(config)
   */
  readonly digests: pulumi.Input<Digests>;
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

  constructor(name: string, { config, digests, hosts, registry }: ReleaseArgs, opts: pulumi.CustomResourceOptions = {}) {
    const app = config.derive(declareApp);
    const images = pulumi
      .output(digests)
      .apply((known) => config.derive((own) => declareImages(own, declareApp(own).roles, known)));
    // Slot by slot, so that a preview knows where something runs before it knows what. An output of an input is one output.
    const containers = images.apply((own) => own.containers) as pulumi.Output<Record<Slot, ReleaseId>>;
    const inputs = {
      ...app,
      ...ownerOf(config.shape.adopt),
      __configHash: ownConfigHash(),
      version: images.version,
      image: images.image,
      images: images.images,
      release: images.release,
      containers: Object.fromEntries(slotsOf(config.shape).map((slot) => [slot, containers.apply((all) => all[slot])])),
      canary: images.canary,
      // An output does not give access to keys that begin like this.
      __unconfirmedTags: images.apply(({ __unconfirmedTags: tags }) => tags),
      __verified: images.apply(({ __verified: verified }) => verified),
      __stored: images.apply(({ __stored: stored }) => stored),
      hosts,
      registry,
      secrets: sealed(app.secrets),
    };
    super("release", name, inputs, opts);
  }
}

const slotsOf = ({ roles }: Config): Slot[] => roles.flatMap(({ name, hosts }) => hosts.map((host): Slot => `${host}/${name}`));
