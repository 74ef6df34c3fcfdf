import { z } from "zod";

/** Paths as a plan shows them: as many as a person reads, and how many there are. A context may have ten thousands of them. */
export const Paths = z.object({ first: z.array(z.string()), count: z.number() });
export type Paths = z.infer<typeof Paths>;

const NAMED = 3;

/** @param paths in the order in which they are named */
export const pathsOf = (paths: readonly string[]): Paths => ({ first: paths.slice(0, NAMED), count: paths.length });

/** @example pathsText(pathsOf(["a", "b", "c", "d"])) // "a, b, c, 1 more" */
export const pathsText = ({ first, count }: Paths): string =>
  [...first, ...(count > first.length ? [`${count - first.length} more`] : [])].join(", ");
