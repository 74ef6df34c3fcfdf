import { messageOf } from "../../core/error.ts";
import { together } from "../../core/together.ts";
import { ConnectionLost } from "../../hosts/index.ts";
import type { Kind } from "./operation.ts";
import type { Work } from "./work.ts";

const OF_ROUTES: ReadonlySet<Kind> = new Set(["switch", "canary", "end-canary", "close", "open", "pause", "remove-route"]);

/**
 * Runs of other apps may talk to the same proxies at the same time, and of two calls the proxy may write the older state last. So each run has
 * it written once more when it has changed its routes: whichever run ends last, the file has the routes of all.
 */
export async function settleRoutes(work: Work): Promise<void> {
  const { plan, run } = work;
  const hosts = new Set(plan.operations.flatMap((operation) => (OF_ROUTES.has(operation.do) ? [operation.host] : [])));
  await together([...hosts], async (host) => {
    try {
      await work.on(host).proxy.writeState();
    } catch (thrown) {
      if (thrown instanceof ConnectionLost) throw thrown;
      run.report.warn(`${host}: kamal-proxy did not write its state: ${messageOf(thrown)}`);
    }
  });
}
