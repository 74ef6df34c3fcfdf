import type * as pulumi from "@pulumi/pulumi";
import type { Docker } from "../../config/index.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";

export interface DockerEngineArgs {
  /**
   * The host that runs it.
   *
   * @example server.connection
   */
  readonly host: HostInput;
  /**
   * Whether and how Docker is installed, and its settings.
   *
   * @example config.docker
   */
  readonly docker: Docker;
  /**
   * Seconds to wait until a new machine accepts logins and has finished its setup. 0 for an existing machine: it fails at once if it is
   * unreachable.
   *
   * @example 600
   */
  readonly patience: Seconds;
}

/** Docker on one host: installed if it is missing, with the declared settings. It stays when the stack is destroyed. */
export class DockerEngine extends DynamicResource<object> {
  constructor(name: string, { host, docker, patience }: DockerEngineArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("dockerEngine", name, engineInputs({ host, docker, patience }), opts);
  }
}

/** What its provider takes. */
export const engineInputs = ({ host, docker, patience }: DockerEngineArgs) => ({
  host,
  patience,
  status: "running",
  ...omitUndefined(docker),
});
