import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../pulumi/dynamic.ts";
import type { DockerArgs } from "../server/args.ts";
import type { ConnectionArgs } from "../server/connection-args.ts";
import { engineInputs } from "../server/docker-engine.ts";
import { machinePart } from "./machine-part.ts";

/** How SSH reaches a machine, and Docker there, with the arguments that `docker` of a `Server` has. */
export interface DockerEngineArgs extends ConnectionArgs, DockerArgs {}

/**
 * Docker on a machine that has no `Server`: installed if it is missing, with the declared settings. It stays when it leaves the program.
 *
 * @example
 * const engine = new slipway.DockerEngine("ci-1", { address: "203.0.113.30", version: "28", settings: { "live-restore": true } });
 */
export class DockerEngine extends DynamicResource<object> {
  /** @param name the machine, in messages and in `slipway:ssh`: `ci-1` */
  constructor(name: string, args: DockerEngineArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { address, hostKey, port, user, ...docker } = args;
    const { host, patience, own } = machinePart("docker", name, { address, hostKey, port, user }, docker);
    super("dockerEngine", name, engineInputs({ host, patience, docker: own }), opts);
  }
}
