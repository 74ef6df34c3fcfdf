import { z } from "zod";
import { BuildFacts, BuiltImage } from "../../core/build.ts";
import { Builder } from "../../core/builder.ts";
import { Hook } from "../../core/hook.ts";
import { Registry } from "../../core/registry.ts";
import { Address } from "../../hosts/index.ts";

/** The image of one app, as its build is declared. */
export const BuildInputs = z.object({
  schema: z.literal(1),
  service: z.string(),
  destination: z.string().optional(),
  /** Of what runs it: `worker`, `job report`. Absent: it is the app's. */
  name: z.string().optional(),
  /** Without tag and digest: where it is pushed, or `slipway.invalid/shop` for one that the hosts get from here. */
  image: z.string(),
  builder: Builder,
  /** Of its files. A name that begins like this is not shown in diffs: the plan says it in words. */
  __facts: BuildFacts,
  /** Where the image is to run. */
  hosts: z.record(z.string(), Address),
  /** The login for pushing it. Absent: Docker's own logins of this machine. */
  registry: Registry.optional(),
  secrets: z.record(z.string(), z.string()),
  /** The user's own commands before a build, and what they get. */
  __hook: Hook.optional(),
  __secrets: z.record(z.string(), z.string()).optional(),
});
export type BuildInputs = z.infer<typeof BuildInputs>;

export const BuildState = BuildInputs.extend({
  /** Absent: what an earlier version wrote is not understood. */
  built: BuiltImage.optional(),
  /** Hosts that lack the image, while this machine has it neither. Found by a read. */
  lost: z.array(z.string()).optional(),
});
export type BuildState = z.infer<typeof BuildState>;
