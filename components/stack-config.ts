import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../config/index.ts";
import { stackFileName } from "../project/config-files.ts";
import { requireExpected } from "../project/expected-config.ts";
import { readPlainScalars } from "../project/plain-scalars.ts";
import { parseStack } from "./declare/stack.ts";
import { ownConfigHash, secretKeys } from "./pulumi/config-values.ts";

/** The config of the current stack. Throws one error with everything that is wrong in it. */
export function stackConfig(): Config {
  requireExpected(ownConfigHash());
  const stack = pulumi.getStack();
  const folder = process.cwd();
  const [file, plain] = [stackFileName(folder, stack), readPlainScalars(folder, stack)];
  return parseStack({ values: pulumi.runtime.allConfig(), secretKeys: secretKeys(), stack, file, plain });
}
