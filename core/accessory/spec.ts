import { stableHash } from "../values.ts";
import { AccessoryContainer } from "./container.ts";

const SHORT = 8;

/**
 * First 8 of the spec hash: equal for equal containers, on every machine. What Docker can change on a running container is left out.
 *
 * @param from may have further keys, which do not count
 */
export function specOf(from: AccessoryContainer): string {
  const { options, ...container } = AccessoryContainer.parse(from);
  const { memory: _memory, cpus: _cpus, restart: _restart, ...fixed } = options;
  return stableHash({ ...container, options: fixed }).slice(0, SHORT);
}
