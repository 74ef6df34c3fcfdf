import { messageOf } from "../../core/error.ts";
import { hostNames } from "../../core/host-names.ts";
import { ticking } from "../steps/ticking.ts";
import { timed } from "./timed.ts";

/** Waits until the replaced containers have answered the requests in flight. Each drain has its own deadline in the proxy. */
export const drain = timed("drain", async ({ run, undo: { switched } }) => {
  const draining = new Set(switched.filter(({ operation }) => operation.from.length > 0).map(({ operation }) => operation.host));
  const drains = switched.map(async ({ operation, drained }) => {
    await drained.catch((thrown: unknown) => {
      // The switch was seen: a call that fails after it says nothing about what serves.
      run.report.warn(`${operation.host}: could not see the end of the drain: ${messageOf(thrown)}`);
    });
    draining.delete(operation.host);
  });
  await ticking((age) => run.report.status(`draining ${hostNames(draining)}: ${age} s`), Promise.all(drains));
});
