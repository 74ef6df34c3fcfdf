import { argumentsError, noOutput } from "../../config/index.ts";
import { outputsIn } from "../pulumi/later.ts";

/**
 * Refuses outputs among arguments that have to be known when the program runs.
 *
 * @param file what errors call the arguments: `the arguments of the server web-1`
 * @param because the reason: `it decides which resources there are`
 */
export function refuseOutputs(file: string, args: Readonly<Record<string, unknown>>, because: string): void {
  const message = noOutput({ because, write: "write the value itself" });
  const problems = outputsIn(args).map((path) => ({ path, message }));
  if (problems.length > 0) throw argumentsError(problems, file, new Map());
}
