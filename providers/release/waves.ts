import { setTimeout as sleep } from "node:timers/promises";
import { together } from "../../core/together.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { HookFailed } from "../pulumi/hooks/run-hook.ts";
import { resume } from "./admission.ts";
import { startAndProve } from "./boot.ts";
import { afterBoot, beforeBoot } from "./boot-hooks.ts";
import { beginOutage } from "./outage.ts";
import { type Reverted, revert } from "./revert.ts";
import { carryOut } from "./steps.ts";
import { switchAll } from "./switch.ts";
import { timed } from "./timed.ts";
import { watchOver } from "./watch.ts";
import type { Wave } from "./wave.ts";
import type { Work } from "./work.ts";

/** A release that failed after its first change, and was reverted. */
export class NotReleased extends Error {
  override readonly name = "NotReleased";
  readonly failed: CandidateFailed | HookFailed;
  readonly reverted: Reverted;

  constructor(failed: CandidateFailed | HookFailed, reverted: Reverted) {
    super(failed instanceof HookFailed ? failed.message : `${failed.host}: ${failed.message}`, { cause: failed });
    this.failed = failed;
    this.reverted = reverted;
  }
}

/** All waves, or none: whatever fails before the end of the watch, everything goes back. */
export async function releaseInWaves(work: Work): Promise<void> {
  try {
    for (const [at, wave] of work.plan.waves.entries()) {
      if (at > 0) await pauseBetween(work, at);
      await beforeBoot(work, wave);
      const outage = beginOutage(work, wave);
      await stopFirst(work, wave);
      await startAndProve(work, wave);
      outage.proved();
      await switchAll(work, wave);
      await resumePaused(work, wave);
      outage.served();
      await afterBoot(work, wave);
    }
    await shareWithCanaries(work);
    await watchOver(work);
  } catch (thrown) {
    const reverted = await revert(work);
    if (thrown instanceof CandidateFailed || thrown instanceof HookFailed) throw new NotReleased(thrown, reverted);
    for (const left of reverted.left) work.run.report.warn(left);
    throw thrown;
  }
}

async function pauseBetween({ inputs, run, plan }: Work, at: number): Promise<void> {
  if (inputs.boot.wait === 0) return;
  run.report.status(`wave ${at} of ${plan.waves.length} is done; the next starts in ${inputs.boot.wait} s`);
  await sleep(inputs.boot.wait * 1000);
}

const isIn =
  (wave: Wave) =>
  ({ host, role }: { host: string; role: string }): boolean =>
    wave.includes(`${host}/${role}`);

/** Stops what cannot run beside its successor. Requests wait at the proxy meanwhile. */
const stopFirst = timed("stop first", async (work, wave: Wave) => {
  await carryOut("pause", work, isIn(wave));
  await carryOut("stop-before", work, isIn(wave));
});

/** The successor serves: requests need not wait for the rest of the release. */
const resumePaused = (work: Work, wave: Wave): Promise<unknown> =>
  together(work.undo.paused.filter(isIn(wave)), (operation) => resume(operation, work));

const shareWithCanaries = timed("canary", async (work) => {
  await carryOut("canary", work);
  await carryOut("end-canary", work);
});
