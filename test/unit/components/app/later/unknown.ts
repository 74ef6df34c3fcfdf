import * as pulumi from "@pulumi/pulumi";

/** An output that a preview does not know. */
export const unknown = <T = string>(isSecret = false): pulumi.Output<T> =>
  new (pulumi.Output as unknown as new (...args: unknown[]) => pulumi.Output<T>)(
    new Set(),
    Promise.resolve(pulumi.unknown),
    Promise.resolve(false),
    Promise.resolve(isSecret),
    Promise.resolve(new Set()),
  );
