import { z } from "zod";
import { reasonOf } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";

/** A host that could not be observed. */
export interface Unreachable {
  readonly kind: "unreachable";
  readonly reason: string;
}

/** For an observation that changes nothing: an unreachable host is a finding, not an error. */
export async function orUnreachable<F>(host: HostName, observe: () => Promise<F>): Promise<F | Unreachable> {
  try {
    return await observe();
  } catch (thrown) {
    return { kind: "unreachable", reason: reasonOf(thrown, host) };
  }
}

/** @example "unreachable: no answer from 203.0.113.10" */
export const unreachableText = ({ reason }: Pick<Unreachable, "reason">): string => `unreachable: ${reason}`;

/** For findings whose only obstacle is an unreachable host. */
export const obstacleOf = (found: { readonly kind: string } | Unreachable): string | undefined =>
  found.kind === "unreachable" && "reason" in found ? unreachableText(found) : undefined;

/** The schema of a finding that is kept in state. Earlier versions wrote `is` for `kind`, and `there` or `reached` for `present`. */
export const inState = <F extends z.ZodType>(schema: F) => z.preprocess(withKind, schema);

const Earlier = z.looseObject({ is: z.string(), kind: z.undefined().optional() });

function withKind(value: unknown): unknown {
  const earlier = Earlier.safeParse(value);
  if (!earlier.success) return value;
  const { is, ...found } = earlier.data;
  return { ...found, kind: is === "there" || is === "reached" ? "present" : is };
}
