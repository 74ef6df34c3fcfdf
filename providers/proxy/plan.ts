import { parseReference } from "../../core/image-reference.ts";
import { isOlder, isVersion } from "../../core/version.ts";
import type { Seconds } from "../../core/words.ts";
import { DRIFT, type DriftMark } from "../steps/drift.ts";
import type { FoundProxy, ProxyInputs } from "./inputs.ts";

/** From stopping the old proxy until the new one listens: measured 0.4–0.7 s on a small host. */
const GAP: Seconds = 1;

/** One change to the proxy of one host. */
export type ProxyOperation =
  | { do: "create network" }
  | { do: "run" }
  | { do: "start"; was: string }
  | { do: "replace"; because: readonly string[] };

/** What to do, in order, so that the proxy runs as declared. A proxy that another tool or stack started is kept if it fits. */
export function planProxy(wanted: ProxyInputs, found: FoundProxy): ProxyOperation[] {
  if (found.kind === "unreachable") return [];
  const network: ProxyOperation[] = found.network ? [] : [{ do: "create network" }];
  if (found.kind === "missing") return [...network, { do: "run" }];
  const because = differences(wanted, found);
  if (because.length > 0) return [...network, { do: "replace", because }];
  return found.status === "running" ? network : [...network, { do: "start", was: found.status }];
}

function differences(wanted: ProxyInputs, found: Extract<FoundProxy, { kind: "present" }>): string[] {
  const because: string[] = [];
  if (!isRecentEnough(wanted.image, found.image)) because.push(`image ${found.image} → ${wanted.image}`);
  const list = (values: readonly string[]) => (values.length === 0 ? "none" : [...values].sort().join(" "));
  if (list(wanted.publish) !== list(found.publish)) because.push(`ports ${list(found.publish)} → ${list(wanted.publish)}`);
  if (list(wanted.options) !== list(found.options)) because.push(`options ${list(found.options)} → ${list(wanted.options)}`);
  if (wanted.logMaxSize !== found.logMaxSize) because.push(`log size ${found.logMaxSize} → ${wanted.logMaxSize}`);
  return because;
}

/** The same repository at the wanted version or a later one. */
function isRecentEnough(wanted: string, found: string): boolean {
  if (wanted === found) return true;
  const [a, b] = [parseReference(wanted), parseReference(found)];
  if (a.registry !== b.registry || a.repository !== b.repository) return false;
  return isVersion(a.tag ?? "") && isVersion(b.tag ?? "") && !isOlder(b.tag ?? "", a.tag ?? "");
}

export function describeProxy(operation: ProxyOperation, wanted: ProxyInputs, drift: DriftMark = DRIFT): string {
  switch (operation.do) {
    case "create network":
      return "create network kamal";
    case "run":
      return `run kamal-proxy ${wanted.image} on ${wanted.publish.length === 0 ? "no public port" : wanted.publish.join(", ")}`;
    case "start":
      return `start kamal-proxy, found ${operation.was}${drift}   was down`;
    case "replace":
      return `replace kamal-proxy: ${operation.because.join("; ")}   gap about ${GAP} s for every app on that host`;
  }
}
