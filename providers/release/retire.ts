import { messageOf } from "../../core/error.ts";
import { updatable } from "../container/body.ts";
import { removeAssetsOfNobody } from "./assets.ts";
import { hostOf, together } from "./crew.ts";
import { removeImagesOfNobody } from "./images.ts";
import { only, type Plan } from "./plan.ts";
import { removeFilesOfNobody } from "./proxy-files.ts";
import type { Switched } from "./undo-log.ts";
import type { Work } from "./work.ts";

/** Waits until the replaced containers have answered what they had begun. Drain has its own deadline in the proxy. */
export async function drain({ run }: Work, switched: readonly Switched[]): Promise<void> {
  const draining = new Set(switched.filter(({ operation }) => operation.from.length > 0).map(({ operation }) => operation.host));
  const start = performance.now();
  const ticker = setInterval(() => {
    run.report.status(`draining ${[...draining].join(", ")}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }, 1000);
  try {
    await Promise.all(
      switched.map(async ({ operation, drained }) => {
        await drained.catch((thrown: unknown) => {
          // The switch was seen to happen: a call that ends badly after it says nothing about what serves.
          run.report.warn(`${operation.host}: the end of the drain was not seen: ${messageOf(thrown)}`);
        });
        draining.delete(operation.host);
      }),
    );
  } finally {
    clearInterval(ticker);
  }
}

/** Stops what was replaced, takes away what nobody wants any more, and undoes edits. */
export async function retire(work: Work, plan: Plan): Promise<void> {
  const { crew } = work;
  await together(only(plan, "restore"), async ({ host, id, role }) => {
    const spec = work.inputs.roles[role];
    if (spec !== undefined) await hostOf(crew, host).docker.setLimits(id, updatable(spec.options));
  });
  await together(only(plan, "unroute"), async ({ host, route }) => {
    await hostOf(crew, host).proxy.remove(route);
  });
  await together(only(plan, "stop"), async ({ host, id, grace }) => {
    await hostOf(crew, host).docker.stop(id, grace);
  });
  await together(
    only(plan, "remove").filter(({ because }) => because !== "leftover"),
    async ({ host, id }) => {
      await hostOf(crew, host).docker.remove(id, { force: true, anonymousVolumes: true });
    },
  );
  await removeImagesOfNobody(work, plan);
  await removeAssetsOfNobody(work, plan);
  await removeFilesOfNobody(work, plan);
}
