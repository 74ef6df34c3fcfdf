import type { Finding } from "./report.ts";

/** The result of one check, without its host. Absent fields mean none. */
export interface CheckResult extends Pick<Finding, "check" | "result" | "found"> {
  readonly evidence?: readonly string[] | undefined;
  readonly next?: string | undefined;
}
