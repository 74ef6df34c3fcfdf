import * as pulumi from "@pulumi/pulumi";
import type { Owner } from "../../core/owner.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Address } from "../../hosts/index.ts";
import { declarationHash } from "../../project/declaration-hash.ts";

/** The nouns that `slipway/provider` exports, and their types in the state. Neither may ever change. */
const NOUNS = {
  release: "Release",
  proxy: "Proxy",
  registryLogin: "RegistryLogin",
  hostKey: "HostKey",
  dockerEngine: "DockerEngine",
  firewall: "Firewall",
  exposure: "Exposure",
  hardening: "Hardening",
  tenancy: "Tenancy",
  accessory: "Accessory",
  schedule: "Schedule",
  setup: "Setup",
  hook: "Hook",
  build: "Build",
} as const;

/**
 * The provider of a dynamic resource is the text of a small module. Pulumi usually serializes live objects into it, so that the state
 * pins old code and every edit of a provider shows as a change. This text never changes, and loads the code that is installed beside
 * the program.
 */
export const providerText = (noun: keyof typeof NOUNS): string =>
  `exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("slipway/provider").${noun}`;

/** The address of a host. Field by field, so that a preview shows what is already known of a machine that does not exist yet. */
export type HostFields = { readonly [K in keyof Address]: pulumi.Input<Address[K]> };
export type HostInput = pulumi.Input<HostFields>;

/** `shop/production`: the stack that owns what it makes on a host. */
export const stackName = (): string => `${pulumi.getProject()}/${pulumi.getStack()}`;

/** Who owns what a resource makes. @param adopt stacks whose things become this stack's */
export const ownerOf = (adopt: readonly string[] = []): Owner => ({
  stack: stackName(),
  ...omitUndefined({ adopt: adopt.length === 0 ? undefined : [...adopt] }),
});

/** A resource that one of our providers converges. */
export abstract class DynamicResource<I extends object> extends pulumi.CustomResource {
  constructor(
    noun: keyof typeof NOUNS,
    name: string,
    inputs: { [K in keyof I]: pulumi.Input<I[K]> },
    opts: pulumi.CustomResourceOptions,
  ) {
    const type = `pulumi-nodejs:dynamic/slipway:${NOUNS[noun]}`;
    // Pulumi does not pass the URN to the provider, which needs it to report progress on the row of this resource. It drops an input named `urn`.
    const hidden = { __urn: ownUrn(name, type, opts.parent), __provider: providerText(noun), __madeFrom: madeFromNow() };
    // A state without sources of secrets has no such key.
    const sources = secretsFrom === undefined ? {} : { __secretsFrom: secretsFrom };
    super(type, name, { schema: 1, ...inputs, ...hidden, ...sources }, opts);
  }
}

/**
 * What decided the declaration of this run, for `slipway deploy` to compare with what would decide that of the next; empty if it is
 * unknown. The engine stores changed inputs that the provider does not consider a change, and keeps the old ones of an update that
 * fails or is left out (`--target`).
 */
function madeFromNow(): string {
  if (made === undefined) {
    const declaration = declarationHash(process.cwd(), pulumi.getStack());
    made = declaration.kind === "known" ? declaration.hash : "";
  }
  return made;
}

let made: string | undefined;

/**
 * Notes a fingerprint of what sources of secrets have given to the program, for `slipway deploy` to compare with what they would give to the
 * next run. Called before anything is declared that uses the values.
 */
export function noteSecretsFrom(fingerprint: string | undefined): void {
  if (fingerprint !== undefined) secretsFrom = secretsFrom === undefined ? fingerprint : `${secretsFrom}+${fingerprint}`;
}

let secretsFrom: string | undefined;

/** A promise, not an output: an output derived from the parent depends on the parent, which waits for its children, including this one. */
const ownUrn = (name: string, type: string, parent: pulumi.Resource | undefined): Promise<string> =>
  new Promise((resolve) => {
    pulumi.createUrn(name, type, parent).apply(resolve);
  });
