import { type BenchResult, type Circumstances, PARTS, type Part } from "./result.ts";

/** When and where a part was measured. */
export const circumstancesOf = (result: BenchResult, part: Part): Circumstances => result.elsewhere?.[part] ?? own(result);

/**
 * A stored result with what a later run has measured. What that run has not measured stays as it was, with its day and its machine; the
 * result itself is that of the complete commands.
 */
export function merged(stored: BenchResult, later: BenchResult): BenchResult {
  const from = (part: Part): BenchResult => (later[part] === undefined ? stored : later);
  const first = from("commands");
  const elsewhere = PARTS.flatMap((part) => {
    const measured = circumstancesOf(from(part), part);
    return from(part)[part] === undefined || isSame(measured, own(first)) ? [] : [[part, measured] as const];
  });
  const { commands } = first;
  const [{ steps }, { transfer }, { newcomer }] = [from("steps"), from("transfer"), from("newcomer")];
  return {
    ...own(first),
    ...(commands === undefined ? {} : { commands }),
    ...(steps === undefined ? {} : { steps }),
    ...(transfer === undefined ? {} : { transfer }),
    ...(newcomer === undefined ? {} : { newcomer }),
    ...(elsewhere.length === 0 ? {} : { elsewhere: Object.fromEntries(elsewhere) }),
  };
}

const own = ({ measured, machine, versions, rounds }: Circumstances): Circumstances => ({ measured, machine, versions, rounds });

const isSame = (one: Circumstances, other: Circumstances): boolean => JSON.stringify(own(one)) === JSON.stringify(own(other));
