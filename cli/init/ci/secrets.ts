import type { Pipeline } from "./pipeline.ts";

/** The variables by which a job is let in to the state, and decrypts the secrets of the stack. All other secrets are in the stack's file. */
const ACCESS: Readonly<Record<Pipeline["state"], readonly string[]>> = {
  cloud: ["PULUMI_ACCESS_TOKEN"],
  s3: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PULUMI_CONFIG_PASSPHRASE"],
  gs: ["GOOGLE_CREDENTIALS", "PULUMI_CONFIG_PASSPHRASE"],
  azblob: ["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY", "PULUMI_CONFIG_PASSPHRASE"],
  other: ["PULUMI_CONFIG_PASSPHRASE"],
};

export const secretsOf = ({ state }: Pick<Pipeline, "state">): readonly string[] => ACCESS[state];
