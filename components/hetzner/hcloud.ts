import type * as pulumi from "@pulumi/pulumi";
import { optionalPackage } from "../pulumi/optional-package.ts";

export type Hcloud = typeof import("@pulumi/hcloud");

export const hcloud = (): Hcloud => optionalPackage("@pulumi/hcloud", "servers at Hetzner") as Hcloud;

/** Hetzner's ids are numbers, which Pulumi stores as text. */
export const idOf = ({ id }: { readonly id: pulumi.Output<string> }): pulumi.Output<number> => id.apply(Number);
