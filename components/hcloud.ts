import { createRequire } from "node:module";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";

export type Hcloud = typeof import("@pulumi/hcloud");

/** Hetzner's package, loaded only where servers of Hetzner are declared: a deploy to servers that are there needs neither it nor its plugin. */
export function hcloud(): Hcloud {
  try {
    return createRequire(import.meta.url)("@pulumi/hcloud") as Hcloud;
  } catch (thrown) {
    throw new SlipwayError(
      {
        what: "servers at Hetzner need the package @pulumi/hcloud, which is not installed",
        servesNow: NOTHING_TOUCHED,
        next: "npm install @pulumi/hcloud",
      },
      { cause: thrown },
    );
  }
}

/** Hetzner's ids are numbers that Pulumi keeps as text. */
export const idOf = (resource: {
  readonly id: import("@pulumi/pulumi").Output<string>;
}): import("@pulumi/pulumi").Output<number> => resource.id.apply(Number);
