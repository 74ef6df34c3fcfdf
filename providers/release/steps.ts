import { together } from "../../core/together.ts";
import { close, hasRoute, open, pause } from "./admission.ts";
import { createVolume, removeVolume, shareAssets } from "./assets.ts";
import { endCanary, shareWithCanary } from "./canary.ts";
import { runCommand } from "./command.ts";
import { removeContainer, removeRoute, stopContainer } from "./container-steps.ts";
import { removeImage } from "./images.ts";
import { resetLimits, setLimits } from "./limits.ts";
import { createNetwork, removeNetwork } from "./network.ts";
import { KINDS, type Kind, type OperationOf, PHASES } from "./operation.ts";
import { only } from "./plan.ts";
import { placeFiles, removeFiles } from "./proxy-files.ts";
import { start } from "./start.ts";
import { keepStopped, stopBefore } from "./stop-first.ts";
import { switchRoute } from "./switch.ts";
import { timed } from "./timed.ts";
import type { Work } from "./work.ts";

/** How each operation is carried out: a new kind does not compile before it has a step. */
export const STEPS: { readonly [K in Kind]: (operation: OperationOf<K>, work: Work) => Promise<unknown> } = {
  "remove-leftover": removeContainer,
  "create-network": createNetwork,
  "place-files": placeFiles,
  "create-volume": createVolume,
  close,
  "run-command": runCommand,
  pause,
  "stop-before": stopBefore,
  start,
  "share-assets": shareAssets,
  "set-limits": setLimits,
  switch: switchRoute,
  canary: shareWithCanary,
  "end-canary": endCanary,
  open,
  "reset-limits": resetLimits,
  "remove-route": removeRoute,
  stop: stopContainer,
  remove: removeContainer,
  "remove-volume": removeVolume,
  "remove-image": removeImage,
  "remove-files": removeFiles,
  "remove-network": removeNetwork,
};

/** Carries out all planned operations of one kind, side by side. */
export const carryOut = <K extends Kind>(kind: K, work: Work, which: (operation: OperationOf<K>) => boolean = () => true) =>
  together(only(work.plan, kind).filter(which), (operation) => STEPS[kind](operation, work));

async function runPhase(phase: "prepare" | "clean-up", work: Work): Promise<void> {
  for (const kind of KINDS) if (PHASES[kind] === phase) await carryOut(kind, work);
}

/** Removes what is in the way, and makes what candidates need before they can start. */
export const prepare = (work: Work): Promise<void> => runPhase("prepare", work);

/** Undoes edits, stops what was replaced, and removes what nothing uses any more. */
export const cleanUp = timed("stop", async (work) => {
  await keepStopped(work);
  await runPhase("clean-up", work);
});

/** Routes that exist are closed before anything else changes, so that a migration may rely on it. */
export const closeExisting = timed("close", (work) => carryOut("close", work, (operation) => hasRoute(operation, work.before)));

export const openRoutes = timed("open", (work) => carryOut("open", work));
