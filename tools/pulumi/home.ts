import type { FoundPulumi } from "../../cli/engine/pulumi/found.ts";

/** A Pulumi CLI that can run a Node program. */
export interface PulumiHome {
  /** The folder to put first on PATH: `pulumi` and its Node language host. */
  readonly bin: string;
  readonly source: FoundPulumi["source"] | "built";
}
