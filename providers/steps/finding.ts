import { reasonOf } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";

/** A host that could not be asked. */
export interface Unreached {
  readonly is: "unreachable";
  readonly reason: string;
}

/** For a look that changes nothing: a host that cannot be asked is a finding. */
export async function orUnreachable<F>(host: HostName, look: () => Promise<F>): Promise<F | Unreached> {
  try {
    return await look();
  } catch (thrown) {
    return { is: "unreachable", reason: reasonOf(thrown, host) };
  }
}
