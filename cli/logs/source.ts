import type { SlipwayError } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import type { Address, Host } from "../../hosts/index.ts";

/** A container whose lines are shown. */
export interface LogContainer {
  readonly host: HostName;
  readonly id: string;
  readonly running: boolean;
  /** What stands before its lines: `web-1/web`, `web-1/web.2`. */
  readonly source: string;
}

/** Whose lines a person wants. */
export interface LogSource {
  readonly hosts: readonly Address[];
  /** Those whose lines there are. Rejects when the host cannot be asked. */
  readonly find: (host: Host) => Promise<readonly LogContainer[]>;
  /** Those that may write lines yet, whatever they do now: one call. */
  readonly findAll: (host: Host) => Promise<readonly LogContainer[]>;
  /** What to say when there are none. */
  readonly nothing: () => SlipwayError;
}
