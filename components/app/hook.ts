import * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../../core/values.ts";
import type { HostName } from "../../core/words.ts";
import type { Configured } from "../pulumi/configured.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";
import { sealed } from "../pulumi/sealed.ts";

export interface HookArgs {
  /** When it runs in relation to the release. */
  readonly moment: "pre_deploy" | "post_deploy";
  /** The app, with its hooks and secrets. */
  readonly config: Configured;
  /**
   * The release that it runs for.
   *
   * @example { version: "1.4.2", image: "ghcr.io/acme/shop@sha256:…", release: "1.4.2-ab12cd34" }
   */
  readonly release: pulumi.Input<{ readonly version: string; readonly image: string; readonly release: string }>;
  /** All hosts of the app, by their name in the config. */
  readonly hosts: Readonly<Record<HostName, HostInput>>;
}

/** The user's own commands on the machine that deploys, run once for each release, in dependency order. */
export class Hook extends DynamicResource<object> {
  constructor(name: string, { moment, config, release, hosts }: HookArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { service, destination, roles } = config.shape;
    const { hook, secrets } = config.derive(({ hooks, secrets: all }) => ({ hook: hooks[moment], secrets: all }));
    const known = pulumi.output(release);
    // Earlier versions ran it through @pulumi/command, in a component of this name.
    const component = pulumi.createUrn(name, "slipway:Hook", opts.parent);
    const aliases = [...(opts.aliases ?? []), { type: "command:local:Command", parent: component }];
    const inputs = {
      service,
      ...omitUndefined({ destination }),
      moment,
      // Another text of the same hook is no reason to run it, and so no difference.
      __hook: hook,
      version: known.version,
      image: known.image,
      release: known.release,
      hosts,
      roles: roles.map((role) => role.name),
      secrets: sealed(secrets),
    };
    super("hook", name, inputs, { ...opts, aliases });
  }
}
