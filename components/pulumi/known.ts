import type * as pulumi from "@pulumi/pulumi";

/** What the SDK has in each output, and declares for itself alone. */
interface Settling {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<unknown>;
}

/** The value of an output. */
export interface Known {
  readonly value: unknown;
}

/** `undefined` in a preview that does not know it. */
export async function ifKnown(output: pulumi.Output<unknown>): Promise<Known | undefined> {
  const { isKnown, promise } = output as unknown as Settling;
  return (await isKnown) ? { value: await promise() } : undefined;
}
