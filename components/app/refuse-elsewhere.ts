import { argumentsError, ELSEWHERE, type Problem } from "../../config/index.ts";
import { isMap } from "../../core/values.ts";

/** Refuses what an app does not read. The compiler does as well; a program in JavaScript has none. @param file what errors call the arguments @param values with the keys of a stack's file */
export function refuseElsewhere(
  file: string,
  values: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, string>,
): void {
  const problems = Object.entries(ELSEWHERE).flatMap(([path, instead]) =>
    placesOf(values, path.split("."), []).map(
      (found): Problem => ({ path: found, message: `is no argument of an app: ${instead}` }),
    ),
  );
  if (problems.length > 0) throw argumentsError(problems, file, names);
}

/** Where a value is, each of the places if a step of the path is any name. */
function placesOf(value: unknown, [step, ...rest]: readonly string[], path: readonly string[]): (readonly string[])[] {
  if (step === undefined) return value === undefined ? [] : [path];
  if (!isMap(value)) return [];
  const keys = step === "*" ? Object.keys(value) : Object.hasOwn(value, step) ? [step] : [];
  return keys.flatMap((key) => placesOf(value[key], rest, [...path, key]));
}
