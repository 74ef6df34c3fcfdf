export { operator } from "../core/operator.ts";

/** Project and stack in a URN; empty if it has none. @example stackIn("urn:pulumi:production::shop::…") // "shop/production" */
export function stackIn(urn: string): string {
  const [, stack, project] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(urn) ?? [];
  return stack === undefined || project === undefined ? "" : `${project}/${stack}`;
}
