import type { Fleet } from "../../../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { type Operation, planRelease } from "../../../../providers/release/plan.ts";

/** `stop web-1 shop-web-…`: an operation as short as it can be told apart. */
export function short(operation: Operation): string {
  const start = `${operation.do} ${operation.host}`;
  switch (operation.do) {
    case "network":
      return start;
    case "place":
      return `${start} ${operation.folder}: ${operation.files.join(", ")}`;
    case "close":
      return `${start} ${operation.route}: ${operation.message}`;
    case "command":
      return `${start} ${operation.container}: ${operation.command.join(" ")}`;
    case "hold":
    case "uncanary":
    case "unroute":
      return `${start} ${operation.route}`;
    case "open":
      return `${start} ${operation.route} (${operation.was})`;
    case "start":
      return `${start} ${operation.container}`;
    case "switch": {
      const from = operation.from.length === 0 ? "" : ` from ${operation.from.join(" + ")}`;
      return `${start} ${operation.route} → ${operation.to.join(" + ")} (${operation.because}${from})`;
    }
    case "canary": {
      const { share } = operation;
      return `${start} ${operation.route} → ${operation.to} (${share.to === "percent" ? `${share.percent} %` : share.allow.join(", ")})`;
    }
    case "restore":
      return `${start} ${operation.container}: ${operation.edited.join(", ")}`;
    case "halt":
    case "stop":
      return `${start} ${operation.container} within ${operation.grace}`;
    case "remove":
      return `${start} ${operation.container} (${operation.because})`;
    case "discard":
      return `${start} ${operation.volume}`;
    case "prune":
      return `${start} ${operation.digest}`;
  }
}

/** What a plan does, a line each. */
export const planned = (wanted: ReleaseInputs, fleet: Fleet): string[] => planRelease(wanted, fleet).operations.map(short);
