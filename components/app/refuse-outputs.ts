import { argumentsError, faultOfOutput, type Key, placeOf, snakeCase } from "../../config/index.ts";
import { outputsIn } from "../pulumi/later.ts";

/**
 * Refuses outputs where a value has to be known when the program runs.
 *
 * @param file what errors call the arguments
 * @param within the place of the arguments in a stack's file
 */
export function refuseOutputs(file: string, args: object, within: readonly Key[] = []): void {
  const problems = outputsIn(args).flatMap((path) => {
    const message = faultOfOutput(placeOf([...within, ...keysOf(path)]));
    return message === undefined ? [] : [{ path, message }];
  });
  if (problems.length > 0) throw argumentsError(problems, file, new Map());
}

/** As the schema names it: `servers.web.hosts[0].proxy` of a program is what a host has by its name in a stack's file. */
const keysOf = (path: readonly Key[]): Key[] =>
  path.map((key, at) => {
    if (typeof key === "string") return snakeCase(key);
    return path[0] === "servers" && ["server", "tags", "proxy"].includes(String(path[at + 1])) ? "" : key;
  });
