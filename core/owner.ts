import { z } from "zod";

/** Label of everything that a stack makes on a host. */
export const STACK_LABEL = "slipway.stack";

/** Who owns what is made on hosts. Names of services and destinations are not enough: two repositories may choose the same ones. */
export const Owner = z.object({
  /** `slipway/production`: project and stack. */
  stack: z.string(),
  /** Stacks whose things are this stack's as well: its own name of before, or what another project or repository has left to it. */
  adopt: z.array(z.string()).optional(),
});
export type Owner = z.infer<typeof Owner>;

/** Whether what carries the label belongs to the owner. What Kamal made has no such label, and is taken over. */
export const isOwn = (label: string | undefined, { stack, adopt = [] }: Owner): boolean =>
  label === undefined || label === stack || adopt.includes(label);

/** @example adoptText("blog/production") // "slipway:adopt: [\"blog/production\"]" */
export const adoptText = (stack: string): string => `slipway:adopt: ["${stack}"]`;
