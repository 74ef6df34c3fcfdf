import * as pulumi from "@pulumi/pulumi";
import { argumentsError, type SourceInput } from "../config/index.ts";
import { noteSecretsFrom } from "./pulumi/dynamic.ts";
import { programAsking } from "./pulumi/program-asking.ts";

/**
 * A source of secrets, with the keys of `slipway:secrets_from` in a stack's file.
 *
 * @example { sops: "secrets.production.yaml" }
 */
export type SecretSourceArgs = SourceInput;

/**
 * Values of secrets from where they are: a file of dotenv or sops, a command, the environment, or a store (docs/secrets.md). All sources are
 * asked once, in parallel; of a name that several have, the first one counts. Rejects with one error that has everything which is wrong.
 *
 * @param sources where the values are, in the order of precedence
 * @param names of the values
 * @example
 * const secrets = await secretsFrom([{ env: true }, { sops: "secrets.production.yaml" }], ["DATABASE_URL"]);
 * new App("shop", { image: "ghcr.io/acme/shop:1.4.2", servers: web, env: { secret: { DATABASE_URL: secrets.DATABASE_URL } } });
 */
export async function secretsFrom<Name extends string>(
  sources: readonly SecretSourceArgs[],
  names: readonly Name[],
): Promise<{ readonly [N in Name]: pulumi.Output<string> }> {
  const { namedSecrets } = await import("../secrets/index.ts");
  const { values, problems, fingerprint } = await namedSecrets(
    sources,
    names,
    `${pulumi.getProject()}/${pulumi.getStack()}`,
    programAsking(),
  );
  if (problems.length > 0) throw argumentsError(problems, "secretsFrom", new Map([["secrets_from", "sources"]]));
  noteSecretsFrom(fingerprint);
  // Each of the names has a value: one without is a problem.
  return Object.fromEntries(names.map((name) => [name, pulumi.secret(values[name] ?? "")])) as Record<
    Name,
    pulumi.Output<string>
  >;
}
