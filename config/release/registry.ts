import { z } from "zod";
import { isRegistry } from "../../core/image-reference.ts";
import type { Registry } from "../../core/registry.ts";
import { faultOf, plainText, type Secrets, setSecret } from "../env/secret.ts";
import { isEnvName } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

const credential = z.union([z.string(), z.array(z.string()).length(1, { error: "should hold one name of a secret" })]);

export const RegistrySection = section({
  server: field(z.string().min(1), {
    is: "The registry, `host` or `host:port`.",
    default: "docker.io",
    refused: "a URL or a path",
    example: "ghcr.io",
  }),
  username: field(credential, {
    is: "Username: text, or `[NAME]` of a secret.",
    refused: "missing",
    example: "shop-deploy",
    secret: true,
  }),
  password: field(credential, {
    is: "The password or token: an encrypted value, or `[NAME]` of a secret.",
    refused: "missing, blank or in plain text",
    example: ["REGISTRY_PASSWORD"],
    secret: true,
  }),
  expires: field(z.boolean(), {
    is: "Whether the password is a token that expires, as those of ECR and Artifact Registry, and is a different one in each run: a different one alone is no change then.",
    otherwise: "true for a password from slipway:secrets_from, else false",
    example: true,
  }),
});
type RegistryInput = z.infer<typeof RegistrySection>;

export function resolveRegistry(
  input: RegistryInput | undefined,
  secrets: Secrets | undefined,
  sealed: ReadonlySet<string>,
  place: ConfigPath,
): Registry | undefined {
  if (input === undefined) return undefined;
  const server = input.server ?? "docker.io";
  if (!isRegistry(server)) place.at("server").refuse("should be host or host:port, without https:// and path");
  const [named] = Array.isArray(input.password) ? input.password : [];
  const expires = input.expires ?? (named !== undefined && secrets?.isOfSource(named) === true);
  return {
    server,
    username: resolveUsername(input.username, secrets, place.at("username")),
    password: resolvePassword(input.password, secrets, sealed, place.at("password")),
    ...(expires ? { expires } : {}),
  };
}

function resolveUsername(value: string | string[] | undefined, secrets: Secrets | undefined, place: ConfigPath): string {
  if (Array.isArray(value)) return secrets?.lookUp(value[0] ?? "", place, "login") ?? "";
  if (value === undefined || value.trim() === "") place.refuse("is required");
  return value ?? "";
}

function resolvePassword(
  value: string | string[] | undefined,
  secrets: Secrets | undefined,
  sealed: ReadonlySet<string>,
  place: ConfigPath,
): string {
  const path = "registry.password";
  // An accessory's password is in a key that previews show.
  const elsewhere = place.root === "accessories";
  if (value === undefined) place.refuse(elsewhere ? "is required: [NAME] of a secret" : `is required: ${setSecret(path)}`);
  if (Array.isArray(value)) return secrets?.lookUp(value[0] ?? "", place, "login") ?? "";
  if (value === undefined) return "";
  if (elsewhere || !sealed.has("registry")) {
    if (isEnvName(value) && secrets?.has(value)) return secrets.lookUp(value, place, "login");
    place.refuse(elsewhere ? `${plainText("secrets.REGISTRY_PASSWORD")} and write [REGISTRY_PASSWORD] here` : plainText(path));
    return "";
  }
  const fault = faultOf(value);
  if (fault) place.refuse(`${fault}: ${setSecret(path)}`);
  return value;
}
