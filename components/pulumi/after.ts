import * as pulumi from "@pulumi/pulumi";

/**
 * A value that is ready to be used only when these resources are: what takes it waits for them. It is known as early as before, also in a
 * preview, because the URN of a resource is known there.
 */
export const after = <T>(resources: readonly pulumi.Resource[], value: pulumi.Input<T>): pulumi.Output<T> => {
  const output = pulumi.output(value) as pulumi.Output<T>;
  if (resources.length === 0) return output;
  const urns = pulumi.all(resources.map(({ urn }) => urn));
  return pulumi.all([output, urns]).apply(([known]) => known as T);
};
