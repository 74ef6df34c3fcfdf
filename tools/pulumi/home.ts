/** A Pulumi CLI that can run a Node program: `pulumi` and its Node language host in one folder. */
export interface PulumiHome {
  /** The folder to put first on PATH. */
  readonly bin: string;
  /** Without the `v`: `3.259.0`. */
  readonly version: string;
  readonly source: "path" | "download" | "built";
}
