import * as pulumi from "@pulumi/pulumi";
import { projectOf } from "../../project/place.ts";
import type { Asking } from "../../secrets/index.ts";

/** What a program asks sources of secrets with. It has no terminal: a login that is missing is an error with its command. */
export const programAsking = (): Asking => ({
  folder: projectOf(process.cwd()),
  env: process.env,
  report: (line) => void pulumi.log.info(line, undefined, undefined, true),
});
