import type { Container } from "../../hosts/index.ts";

/** `running`, `stopped with code 1`, `killed for memory`. */
export function statusOf({ status, oomKilled, exitCode }: Container["state"]): string {
  if (status !== "exited") return status;
  return oomKilled ? "killed for memory" : `stopped with code ${exitCode}`;
}
