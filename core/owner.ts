import { z } from "zod";
import type { App } from "./names.ts";

type Labels = Readonly<Record<string, string>>;

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

/** Whether labels name the owner, or a stack that it adopts. Unlike with `isOwn`, what names no stack is not its own. */
export const namesOwner = ({ [STACK_LABEL]: stack }: Labels, owner: Owner): boolean => stack !== undefined && isOwn(stack, owner);

/** Those of `named` that carry the label of a stack which is not the owner. */
export const foreignOf = <N extends { readonly name: string; readonly labels: Labels }>(
  named: readonly N[],
  owner: Owner,
): { readonly name: string; readonly stack: string }[] =>
  named.flatMap(({ name, labels: { [STACK_LABEL]: stack } }) =>
    stack === undefined || isOwn(stack, owner) ? [] : [{ name, stack }],
  );

/** Whether labels are those of something that Slipway made. Kamal's have none of ours, and some of the same names. */
export const isMadeBySlipway = (labels: Labels): boolean => Object.keys(labels).some((label) => label.startsWith("slipway."));

/** Whether a container of this name is an accessory of Kamal, whose only label is its own name. */
export const isKamalAccessory = (name: string, labels: Labels): boolean => labels.service === name && !isMadeBySlipway(labels);

/** Whether a container belongs to a role of the app, or to its commands: made by Slipway or by Kamal. */
export const isOfApp = ({ service, destination = "" }: App, labels: Labels): boolean =>
  labels.service === service && (labels.destination ?? "") === destination;

/** @example adoptText("blog/production") // "slipway:adopt: [\"blog/production\"]" */
export const adoptText = (stack: string): string => `slipway:adopt: ["${stack}"]`;
