import { hostname, userInfo } from "node:os";

/**
 * Who runs this process: `user@machine`, and for which stack. Shown to those who wait for a lease. A user id without an entry in passwd,
 * as in some CI containers, is `uid 12345` unless USER or LOGNAME is set.
 *
 * @example operator("shop/production") // "ci@build-7 (shop/production)"
 */
export const operator = (stack?: string, env: NodeJS.ProcessEnv = process.env): string =>
  `${userName(env)}@${hostname()}${stack === undefined || stack === "" ? "" : ` (${stack})`}`;

function userName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return env.USER || env.LOGNAME || `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

/** Project and stack in a URN; empty if it has none. @example stackIn("urn:pulumi:production::shop::…") // "shop/production" */
export function stackIn(urn: string): string {
  const [, stack, project] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(urn) ?? [];
  return stack === undefined || project === undefined ? "" : `${project}/${stack}`;
}
