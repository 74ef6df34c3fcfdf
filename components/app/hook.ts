import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../config/index.ts";
import { optionalPackage } from "../pulumi/optional-package.ts";

type Command = typeof import("@pulumi/command");

const command = (): Command => optionalPackage("@pulumi/command", "hooks") as Command;

export interface HookArgs {
  /**
   * Shell commands, run in order until one fails.
   *
   * @example ['./bin/announce "$SLIPWAY_VERSION serves"']
   */
  readonly commands: pulumi.Input<readonly string[]>;
  /**
   * The app that the commands learn about from their environment.
   *
   * @example await stackConfig()
   */
  readonly config: Pick<Config, "service" | "destination" | "hosts" | "roles">;
  /**
   * The release that they run for.
   *
   * @example { version: "1.4.2", image: "ghcr.io/acme/shop@sha256:…", release: "1.4.2-ab12cd34" }
   */
  readonly release: pulumi.Input<{ readonly version: string; readonly image: string; readonly release: string }>;
}

/** The user's own commands on the machine that deploys, run once for each release, in dependency order. */
export class Hook extends pulumi.ComponentResource {
  readonly done: pulumi.Resource;

  constructor(name: string, { commands, config, release }: HookArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:Hook", name, {}, opts);
    const create = pulumi.output(commands).apply((all) => ["set -e", ...all, ""].join("\n"));
    const environment = pulumi.output(release).apply((known) => factsOf(config, known));
    const triggers = [pulumi.output(release).apply((known) => known.release)];
    const dependsOn = opts?.dependsOn;
    // What the commands print may hold a secret: the engine hides those of the config on the screen, and the state has to as well.
    const sealed = { additionalSecretOutputs: ["stdout", "stderr"] };
    const own = { parent: this, ...sealed, ...(dependsOn === undefined ? {} : { dependsOn }) };
    this.done = new (command().local.Command)(name, { create, environment, triggers, addPreviousOutputInEnv: false }, own);
    this.registerOutputs({});
  }
}

/** Environment variables of the commands. */
const factsOf = (
  { service, destination = "", hosts, roles }: HookArgs["config"],
  { version, image, release }: pulumi.Unwrap<HookArgs["release"]>,
): Record<string, string> => ({
  SLIPWAY_SERVICE: service,
  SLIPWAY_STACK: pulumi.getStack(),
  SLIPWAY_DESTINATION: destination,
  SLIPWAY_VERSION: version,
  SLIPWAY_IMAGE: image,
  SLIPWAY_RELEASE: release,
  SLIPWAY_HOSTS: hosts.map(({ name }) => name).join(","),
  SLIPWAY_ROLES: roles.map(({ name }) => name).join(","),
});
