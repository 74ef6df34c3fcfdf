import { z } from "zod";
import { field, section } from "../schema/section.ts";

/** The tools of stores would take one that begins with a dash for an option. */
const word = z.string().regex(/^[^-]/, { error: "should be text, and not begin with -" });
const words = z.union([word, z.array(word).min(1)]);

const OnePassword = section({
  item: field(words, {
    is: "The item that has the values as fields, or several.",
    refused: "missing",
    example: "shop production",
  }),
  vault: field(word, { is: "Its vault. A service account needs it.", otherwise: "all of the account", example: "Production" }),
  account: field(word, {
    is: "The account, as `op account list` shows it. A service account (OP_SERVICE_ACCOUNT_TOKEN) has no need of it.",
    otherwise: "the one that `op` takes",
    example: "acme.1password.com",
  }),
});

const Aws = section({
  secret: field(words, {
    is: "Secrets that are JSON objects, of which the keys are names.",
    otherwise: "none",
    example: "shop/production",
  }),
  prefix: field(z.string(), {
    is: "Each name is a secret of its own, with this before it.",
    otherwise: "no name is one",
    example: "shop/production/",
  }),
  region: field(word, { is: "The region.", otherwise: "that of the profile or of AWS_REGION", example: "eu-central-1" }),
  profile: field(word, { is: "The profile of ~/.aws/config.", otherwise: "that of AWS_PROFILE", example: "acme" }),
});

const Doppler = section({
  project: field(word, { is: "The project.", otherwise: "that of the token in DOPPLER_TOKEN", example: "shop" }),
  config: field(word, { is: "Its config.", otherwise: "that of the token in DOPPLER_TOKEN", example: "prd" }),
});

const vault = (tool: string) =>
  section({
    path: field(words, { is: "The secret below the mount, or several.", refused: "missing", example: "shop/production" }),
    mount: field(word, { is: "Where the engine of key-value secrets is mounted.", default: "secret", example: "kv" }),
    address: field(word, {
      is: `The address of ${tool}.`,
      otherwise: "that of VAULT_ADDR or BAO_ADDR",
      example: "https://vault.example.com:8200",
    }),
    namespace: field(word, {
      is: "The namespace.",
      otherwise: "that of VAULT_NAMESPACE or BAO_NAMESPACE",
      example: "teams/shop",
    }),
  });

const Gcp = section({
  project: field(word, { is: "The project.", otherwise: "that of gcloud", example: "acme-production" }),
  prefix: field(z.string(), { is: "What is before each name.", default: "", example: "shop-" }),
  account: field(word, {
    is: "Who asks.",
    otherwise: "the active account of gcloud",
    example: "ci@acme.iam.gserviceaccount.com",
  }),
  impersonate: field(word, {
    is: "The service account to act as, or several with commas, as gcloud has it.",
    otherwise: "none",
    example: "deploy@acme.iam.gserviceaccount.com",
  }),
});

const Bitwarden = section({
  item: field(words, {
    is: "The item that has the values as custom fields, or several. `username`, `password` and `notes` are those of the item.",
    refused: "missing",
    example: "shop production",
  }),
});

const BitwardenSm = section({
  project: field(word, {
    is: "The id of the project.",
    otherwise: "all that the token can read",
    example: "e325ea69-a3ab-4dff-836f-b02e013fe530",
  }),
});

const Infisical = section({
  project: field(word, { is: "The id of the project.", refused: "missing", example: "6597b7c1a2f34e0d9c8b7a65" }),
  environment: field(word, { is: "The environment, by its slug.", refused: "missing", example: "prod" }),
  path: field(word, { is: "The folder of the secrets.", default: "/", example: "/shop" }),
});

const LastPass = section({
  folder: field(word, {
    is: "The folder of the items; each name is an item, and its password the value.",
    otherwise: "names are looked for in all folders",
    example: "shop",
  }),
});

/** One source. Exactly one of the keys before `names` says what it is. */
const SourceSection = section({
  dotenv: field(words, {
    is: "Files in the syntax of dotenv, as Kamal's .kamal/secrets: `$NAME`, defaults, `$(command)`, values of several lines, `kamal secrets fetch`. A later file takes precedence.",
    example: ".env.production",
  }),
  env: field(z.literal(true, { error: "should be true" }), {
    is: "The variables of the process that deploys, as CI has them.",
    example: true,
  }),
  command: field(z.array(z.string().min(1)).min(1), {
    is: "A program with its arguments, without a shell, that prints JSON or dotenv.",
    example: ["bin/secrets", "production"],
  }),
  sops: field(word, {
    is: "A file that sops has encrypted. Nested keys have slashes: `db/password`.",
    example: "secrets.production.yaml",
  }),
  "1password": field(OnePassword, { is: "1Password, by `op`.", example: { vault: "Production", item: "shop" } }),
  aws: field(Aws, { is: "AWS Secrets Manager, by `aws`.", example: { secret: "shop/production", region: "eu-central-1" } }),
  doppler: field(Doppler, { is: "Doppler, by `doppler`.", example: { project: "shop", config: "prd" } }),
  vault: field(vault("Vault"), { is: "HashiCorp Vault, by `vault`.", example: { path: "shop/production" } }),
  openbao: field(vault("OpenBao"), { is: "OpenBao, by `bao`.", example: { path: "shop/production" } }),
  gcp: field(Gcp, { is: "Google Secret Manager, by `gcloud`.", example: { project: "acme-production", prefix: "shop-" } }),
  bitwarden: field(Bitwarden, { is: "The password manager Bitwarden, by `bw`.", example: { item: "shop production" } }),
  "bitwarden-sm": field(BitwardenSm, {
    is: "Bitwarden Secrets Manager, by `bws`.",
    example: { project: "e325ea69-a3ab-4dff-836f-b02e013fe530" },
  }),
  infisical: field(Infisical, {
    is: "Infisical, by `infisical`.",
    example: { project: "6597b7c1a2f34e0d9c8b7a65", environment: "prod" },
  }),
  lastpass: field(LastPass, { is: "LastPass, by `lpass`.", example: { folder: "shop" } }),
  names: field(z.record(z.string(), word), {
    is: "What names are called there, where that differs.",
    default: {},
    refused: "what is no name of a secret",
    example: { DATABASE_URL: "db/url" },
  }),
  folder: field(word, {
    is: "Where commands of dotenv and command run.",
    otherwise: "the project's folder",
    refused: "with other sources",
    example: "..",
  }),
  prints: field(word, {
    is: "The one secret whose value a command prints, as a token of a registry.",
    otherwise: "it prints several, as JSON or dotenv",
    refused: "without command",
    example: "REGISTRY_PASSWORD",
  }),
});
export type SourceInput = z.infer<typeof SourceSection>;

export const SourcesSection = z.array(SourceSection);
