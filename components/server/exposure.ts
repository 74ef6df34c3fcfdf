import type * as pulumi from "@pulumi/pulumi";
import type { HostName } from "../../core/words.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";

export interface ExposureArgs {
  readonly hosts: Readonly<Record<HostName, HostInput>>;
  /** Host → what may be reached there: `openTexts(…)`. */
  readonly declared: Readonly<Record<HostName, readonly string[]>>;
  /** The check is made once for each. */
  readonly release: pulumi.Input<string>;
}

/** The proof, after a release, that nothing but what is declared can be reached from outside. */
export class Exposure extends DynamicResource<object> {
  constructor(name: string, { hosts, declared, release }: ExposureArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("exposure", name, { hosts, declared, release }, opts);
  }
}
