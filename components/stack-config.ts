import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../config/index.ts";
import { stackFileName } from "../project/config-files.ts";
import { requireExpected } from "../project/expected-config.ts";
import { readPlainScalars } from "../project/plain-scalars.ts";
import { readStack } from "./declare/stack.ts";
import { ownConfigHash, secretKeys } from "./pulumi/config-values.ts";
import { noteSecretsFrom } from "./pulumi/dynamic.ts";
import { programAsking } from "./pulumi/program-asking.ts";

/**
 * The config of the current stack, with the values of the sources in `slipway:secrets_from`. Rejects with one error that has everything
 * which is wrong in it.
 *
 * @example const config = await stackConfig();
 */
export async function stackConfig(): Promise<Config> {
  requireExpected(ownConfigHash());
  const stack = pulumi.getStack();
  const folder = process.cwd();
  const [file, plain] = [stackFileName(folder, stack), readPlainScalars(folder, stack)];
  const raw = { values: pulumi.runtime.allConfig(), secretKeys: secretKeys(), stack, file, plain };
  const { config, fingerprint } = await readStack(raw, programAsking);
  noteSecretsFrom(fingerprint);
  return config;
}
