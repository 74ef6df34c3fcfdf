import { z } from "zod";
import { reasonOf } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import { DockerRefusal } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "./explained.ts";

/** A host that could not be observed. */
export const Unobserved = z.object({
  kind: z.literal("unreachable"),
  reason: z.string(),
  /** It was reached, and something else went wrong, as an answer that was not understood. */
  answered: z.literal(true).optional(),
});
export type Unobserved = z.infer<typeof Unobserved>;

/** For an observation that changes nothing: a host that cannot be observed is a finding, not an error. */
export async function orUnreachable<F>(host: HostName, observe: () => Promise<F>): Promise<F | Unobserved> {
  try {
    return await observe();
  } catch (thrown) {
    return unobserved(host, thrown);
  }
}

/** Only lost connections, and refusals of the host or of its Docker, say that it cannot be reached. */
export function unobserved(host: HostName, thrown: unknown): Unobserved {
  const isRefusal = isExplained(thrown) || thrown instanceof DockerRefusal;
  if (isRefusal) return { kind: "unreachable", reason: reasonOf(thrown, host) };
  return { kind: "unreachable", reason: answerText(thrown, host), answered: true };
}

function answerText(thrown: unknown, host: HostName): string {
  const [issue] = thrown instanceof z.ZodError ? thrown.issues : [];
  return issue === undefined
    ? reasonOf(thrown, host)
    : `an answer was not understood: ${[...issue.path, issue.message].join(": ")}`;
}

/** @example "unreachable: no answer from 203.0.113.10" */
export const unreachableText = ({ reason, answered }: Pick<Unobserved, "reason" | "answered">): string =>
  answered === true ? `could not be observed: ${reason}` : `unreachable: ${reason}`;

/** For findings whose only obstacle is an unreachable host. */
export const obstacleOf = (found: { readonly kind: string } | Unobserved): string | undefined =>
  isUnobserved(found) ? unreachableText(found) : undefined;

export const isUnobserved = (found: { readonly kind: string } | Unobserved): found is Unobserved =>
  found.kind === "unreachable" && "reason" in found;

const warned = new WeakMap<Run["hosts"], Set<HostName>>();

/** Once in a process for each host: a plan that removes something is not printed, so it cannot say that its host was not asked. */
export function warnIfUnobserved(host: HostName, found: { readonly kind: string } | Unobserved, { hosts, report }: Run): void {
  if (!isUnobserved(found)) return;
  const known = warned.get(hosts) ?? new Set();
  warned.set(hosts, known);
  if (known.has(host)) return;
  known.add(host);
  report.warn(`${host} could not be asked: ${found.reason}`);
}

/** The schema of a finding that is kept in state. Earlier versions wrote `is` for `kind`, and `there` or `reached` for `present`. */
export const inState = <F extends z.ZodType>(schema: F) => z.preprocess(withKind, schema);

const Earlier = z.looseObject({ is: z.string(), kind: z.undefined().optional() });

function withKind(value: unknown): unknown {
  const earlier = Earlier.safeParse(value);
  if (!earlier.success) return value;
  const { is, ...found } = earlier.data;
  return { ...found, kind: is === "there" || is === "reached" ? "present" : is };
}
