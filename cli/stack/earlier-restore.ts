import type { Host } from "../../hosts/index.ts";
import { type EndedRestore, endText, settleRestore } from "../../providers/steps/restore.ts";
import { notice } from "../terminal/failure.ts";

/**
 * Waits for the end of an earlier restore of this accessory that no command has seen the end of, and prints it. `undefined` without one.
 * Call it under the lease.
 */
export async function endEarlierRestore(host: Host, container: string): Promise<EndedRestore | undefined> {
  const said = new Set<string>();
  // It is said at every look.
  const status = (line: string) => {
    if (!said.has(line)) notice(line);
    said.add(line);
  };
  const earlier = await settleRestore(host, container, { status });
  if (earlier !== undefined) notice(endText(container, earlier));
  return earlier;
}
