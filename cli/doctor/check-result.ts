import type { Finding } from "./report.ts";

/** What one check came to, wherever it was made; what is left out, there is none of. */
export interface CheckResult extends Pick<Finding, "check" | "result" | "found"> {
  readonly evidence?: readonly string[] | undefined;
  readonly next?: string | undefined;
}
