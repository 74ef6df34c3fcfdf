import type { SlipwayError } from "../core/error.ts";
import type { ProgramNames } from "./program-keys.ts";
import { ROOT_KEYS } from "./root.ts";
import { type Key, type Problem, Problems } from "./schema/problem.ts";

/**
 * Problems with the arguments of a program as one error, by places as the program writes them.
 *
 * @param within the place of the arguments in a config, which the places leave out
 */
export const argumentsError = (
  problems: readonly Problem[],
  file: string,
  names: ProgramNames,
  within?: readonly Key[],
): SlipwayError => new Problems({ scalars: [], hidden: new Set(), names, within }).error(file, ROOT_KEYS, problems);
