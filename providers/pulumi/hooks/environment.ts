import { omitUndefined } from "../../../core/values.ts";
import type { HostName, RoleName, Seconds } from "../../../core/words.ts";

/** What a hook learns about the run. */
export interface HookFacts {
  readonly service: string;
  readonly stack: string;
  readonly destination?: string | undefined;
  /** Those that it is about. */
  readonly hosts: readonly { readonly name: HostName; readonly address: string }[];
  readonly roles: readonly RoleName[];
  /** Absent: no release is known at that moment. */
  readonly version?: string | undefined;
  readonly image?: string | undefined;
  readonly release?: string | undefined;
  /** Whether the hosts are held against other runs meanwhile. */
  readonly lock: boolean;
  /** How long the run has taken so far. Absent: it has only begun. */
  readonly runtime?: Seconds | undefined;
}

/** Who runs it, what, and when. */
export interface HookCircumstances {
  readonly performer: string;
  /** As Kamal calls it: `deploy`, `rollback`. */
  readonly command: string;
  readonly now: Date;
}

/** A commit is shown as people write it. */
const COMMIT = /^[0-9a-f]{40}(?:_|$)/;
const SHORT = 7;

/** Our names, and those that Kamal's hooks read. Pure. */
export function hookVariables(facts: HookFacts, { performer, command, now }: HookCircumstances): NodeJS.ProcessEnv {
  const { service, stack, destination, hosts, roles, version, image, release, lock, runtime } = facts;
  const names = [...new Set(hosts.map(({ name }) => name))].join(",");
  const addresses = [...new Set(hosts.map(({ address }) => address))].join(",");
  const short = version !== undefined && COMMIT.test(version) ? version.slice(0, SHORT) : version;
  return omitUndefined({
    SLIPWAY_SERVICE: service,
    SLIPWAY_STACK: stack,
    SLIPWAY_DESTINATION: destination ?? "",
    SLIPWAY_VERSION: version,
    SLIPWAY_IMAGE: image,
    SLIPWAY_RELEASE: release,
    SLIPWAY_HOSTS: names,
    SLIPWAY_ROLES: roles.join(","),
    KAMAL_RECORDED_AT: now.toISOString().replace(/\.\d+Z$/, "Z"),
    KAMAL_PERFORMER: performer,
    KAMAL_SERVICE: service,
    KAMAL_VERSION: version,
    KAMAL_SERVICE_VERSION: short === undefined ? service : `${service}@${short}`,
    // Kamal does not set it without a destination.
    KAMAL_DESTINATION: destination,
    KAMAL_HOSTS: addresses,
    KAMAL_ROLES: roles.join(","),
    KAMAL_LOCK: String(lock),
    KAMAL_COMMAND: command,
    KAMAL_RUNTIME: runtime === undefined ? undefined : String(Math.round(runtime)),
  });
}
