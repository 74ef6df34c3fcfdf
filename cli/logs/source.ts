import type { SlipwayError } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import type { Address, Host } from "../../hosts/index.ts";

/** A container whose lines are shown. */
export interface LogContainer {
  readonly host: HostName;
  readonly id: string;
  readonly running: boolean;
  /** The prefix of its lines: `web-1/web`, `web-1/web.2`. */
  readonly source: string;
}

/** The containers whose logs are shown. */
export interface LogSource {
  readonly hosts: readonly Address[];
  /** Containers that have logs now. Rejects if the host is unreachable. */
  readonly find: (host: Host) => Promise<readonly LogContainer[]>;
  /** Containers that may still write, in whatever state: one call. */
  readonly findAll: (host: Host) => Promise<readonly LogContainer[]>;
  /** The error if no container is found. */
  readonly nothing: () => SlipwayError;
}
