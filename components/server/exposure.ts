import type * as pulumi from "@pulumi/pulumi";
import type { HostName } from "../../core/words.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";

export interface ExposureArgs {
  /**
   * The hosts that are checked, by name.
   *
   * @example { "web-1": server.connection }
   */
  readonly hosts: Readonly<Record<HostName, HostInput>>;
  /**
   * Host → the ports that may be reachable there, from `openTexts`.
   *
   * @example { "web-1": ["80/tcp", "443/tcp"] }
   */
  readonly declared: Readonly<Record<HostName, readonly string[]>>;
  /**
   * The id of the release; each release is checked once.
   *
   * @example release.release
   */
  readonly release: pulumi.Input<string>;
}

/** The check, after each release, that only the declared ports are reachable from outside. */
export class Exposure extends DynamicResource<object> {
  constructor(name: string, { hosts, declared, release }: ExposureArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("exposure", name, { hosts, declared, release }, opts);
  }
}
