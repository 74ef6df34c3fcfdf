import type * as pulumi from "@pulumi/pulumi";
import type { Docker } from "../../config/index.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";

export interface DockerEngineArgs {
  readonly host: HostInput;
  readonly docker: Docker;
  /**
   * How long a machine that was just made may take until it lets us in and has set itself up. 0 for one that exists: if it cannot be
   * reached, that is a failure at once.
   */
  readonly patience: Seconds;
}

/** Docker on one host: waited for, installed where it is missing, with the declared settings. It stays when the stack goes. */
export class DockerEngine extends DynamicResource<object> {
  constructor(name: string, { host, docker, patience }: DockerEngineArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("dockerEngine", name, { host, patience, status: "running", ...omitUndefined(docker) }, opts);
  }
}
