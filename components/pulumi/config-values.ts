import * as pulumi from "@pulumi/pulumi";
import { configHash } from "../../core/config-hash.ts";

/** The keys that hold a secret. Pulumi passes them to the program in this variable, which the SDK reads but does not expose. */
export function secretKeys(): ReadonlySet<string> {
  const keys: unknown = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]");
  return new Set(Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : []);
}

/** The hash of this stack's config, as `slipway rollback` finds it in Pulumi's history. */
export function ownConfigHash(): string {
  const secret = secretKeys();
  const values = Object.entries(pulumi.runtime.allConfig());
  return configHash(Object.fromEntries(values.map(([key, text]) => [key, { text, secret: secret.has(key) }])));
}
