import * as pulumi from "@pulumi/pulumi";
import { isMap } from "../../core/values.ts";

/** A value as a secret. Of one that a preview knows in part, each part is a secret, so that the rest is not unknown with it. */
export const sealed = (value: pulumi.Input<unknown>): pulumi.Input<unknown> =>
  value instanceof Promise ? value.then(sealedParts) : sealedParts(value);

function sealedParts(value: unknown): unknown {
  // As a secret it would become null.
  if (value === undefined) return undefined;
  if (pulumi.Output.isInstance(value) || !hasOutput(value)) return pulumi.secret(value);
  if (Array.isArray(value)) return value.map(sealedParts);
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, sealedParts(part)])) : value;
}

function hasOutput(value: unknown): boolean {
  if (pulumi.Output.isInstance(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasOutput);
}
