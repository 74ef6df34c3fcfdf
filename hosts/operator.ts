import { hostname } from "node:os";
import { userName } from "../core/this-user.ts";

/**
 * Who runs this process: `user@machine`, and for which stack. Shown to those who wait for a lease.
 *
 * @example operator("shop/production") // "ci@build-7 (shop/production)"
 */
export const operator = (stack?: string, env: NodeJS.ProcessEnv = process.env): string =>
  `${userName(env)}@${hostname()}${stack === undefined || stack === "" ? "" : ` (${stack})`}`;

/** Project and stack in a URN; empty if it has none. @example stackIn("urn:pulumi:production::shop::…") // "shop/production" */
export function stackIn(urn: string): string {
  const [, stack, project] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(urn) ?? [];
  return stack === undefined || project === undefined ? "" : `${project}/${stack}`;
}
