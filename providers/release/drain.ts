import { messageOf } from "../../core/error.ts";
import { timed } from "./timed.ts";

/** Waits until the replaced containers have answered the requests in flight. Each drain has its own deadline in the proxy. */
export const drain = timed("drain", async ({ run, undo: { switched } }) => {
  const draining = new Set(switched.filter(({ operation }) => operation.from.length > 0).map(({ operation }) => operation.host));
  const start = performance.now();
  const ticker = setInterval(() => {
    run.report.status(`draining ${[...draining].join(", ")}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }, 1000);
  try {
    await Promise.all(
      switched.map(async ({ operation, drained }) => {
        await drained.catch((thrown: unknown) => {
          // The switch was seen: a call that fails after it says nothing about what serves.
          run.report.warn(`${operation.host}: could not see the end of the drain: ${messageOf(thrown)}`);
        });
        draining.delete(operation.host);
      }),
    );
  } finally {
    clearInterval(ticker);
  }
});
