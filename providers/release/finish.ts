import { together } from "../../core/together.ts";
import { only } from "./plan.ts";
import { settleRoutes } from "./settle-routes.ts";
import { cleanUp } from "./steps.ts";
import type { Work } from "./work.ts";

/** What is left after the drain: clean-up, and the proxies' state. They concern different things, unless a route goes. */
export async function finish(work: Work): Promise<void> {
  if (only(work.plan, "remove-route").length === 0) {
    await together([cleanUp, settleRoutes], (step) => step(work));
    return;
  }
  await cleanUp(work);
  await settleRoutes(work);
}
