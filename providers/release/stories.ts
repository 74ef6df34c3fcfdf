import { messageOf, SlipwayError } from "../../core/error.ts";
import { appName } from "../../core/names.ts";
import { adoptText } from "../../core/owner.ts";
import { Unreachable } from "../../hosts/index.ts";
import { causeOf } from "../container/cause/cause.ts";
import type { Cause } from "../container/cause/rule.ts";
import { type Remedy, thenUp } from "../container/remedy.ts";
import { HookFailed } from "../pulumi/hooks/run-hook.ts";
import type { Run } from "../pulumi/provider.ts";
import { describe } from "./describe.ts";
import type { Fleet } from "./fleet.ts";
import { type ReleaseInputs, rolesOf } from "./inputs.ts";
import { keysOf } from "./keys.ts";
import { observeFleet } from "./observe.ts";
import { isTidying } from "./operation.ts";
import { isEmpty, type Plan, planRelease } from "./plan.ts";
import { revertedText } from "./revert.ts";
import type { NotReleased } from "./waves.ts";
import { whatServes } from "./what-serves.ts";

/** What serves at this moment, as the hosts say. */
export const servingNow = async (everywhere: ReleaseInputs, run: Run): Promise<string> =>
  whatServes(await observeFleet(everywhere, run.hosts), rolesOf(everywhere));

/** A preflight error cannot say what is serving, so the hosts are asked. */
export const withWhatServes =
  (everywhere: ReleaseInputs, run: Run, soFar: string) =>
  async (thrown: unknown): Promise<never> => {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    const servesNow = `${await servingNow(everywhere, run)}; ${soFar}`;
    throw new SlipwayError({ ...thrown.story, servesNow }, { cause: thrown });
  };

/** What a person must know of a release that failed and was reverted. */
export function notReleased(everywhere: ReleaseInputs, run: Run, thrown: NotReleased): Promise<SlipwayError> {
  return failure(everywhere, run, thrown, { verb: "released", next: (remedy) => thenUp(remedy, everywhere.stack) });
}

/** What was done, and how it is tried again. */
interface Attempt {
  /** `released`, `restarted` */
  readonly verb: string;
  readonly next: (remedy: Remedy) => string;
}

/** What failed, with what it comes from where that can be recognized, what serves after the revert, and what to do. */
export async function failure(
  wanted: ReleaseInputs,
  run: Run,
  { message, failed, reverted }: NotReleased,
  { verb, next }: Attempt,
): Promise<SlipwayError> {
  const { service, release } = wanted;
  const { remedy, cause } = explained(wanted, run, failed);
  return new SlipwayError(
    {
      code: failed instanceof HookFailed ? "HOOK_FAILED" : "RELEASE_FAILED",
      what: `${service} ${release} was not ${verb}: ${message}${cause?.what === undefined ? "" : `: ${cause.what}`}`,
      evidence: [...failed.evidence, ...(cause?.hints ?? [])],
      servesNow: `${await servingNow(wanted, run)}. ${revertedText(reverted)}.`,
      next: next(remedy),
    },
    { cause: failed },
  );
}

interface Explained {
  readonly remedy: Remedy;
  readonly cause?: Cause | undefined;
}

function explained(wanted: ReleaseInputs, run: Run, failed: NotReleased["failed"]): Explained {
  if (failed instanceof HookFailed) return { remedy: { words: failed.next } };
  const { host, known } = failed;
  const { remedy = { words: "fix what the evidence shows" }, container, seen } = known;
  const keys = keysOf(wanted, { host, container }, run.config);
  const cause = seen && keys && causeOf(seen, keys);
  return { remedy: cause?.remedy ?? remedy, cause };
}

/** Unexpected error: still report what is serving. */
export async function unexpected(everywhere: ReleaseInputs, run: Run, thrown: unknown): Promise<SlipwayError> {
  const { service, release } = everywhere;
  return new SlipwayError(
    {
      code: "RUN_FAILED",
      what: `${service} ${release} was not released: ${messageOf(thrown)}`,
      servesNow: await servingNow(everywhere, run),
      next: "run pulumi up again: it continues from what it finds",
    },
    { cause: thrown },
  );
}

/** Throws where the plan cannot be carried out: a host is unreachable, or its proxy serves our route for another service. */
export function requirePossible({ unreachable, clashes }: Plan, inputs: ReleaseInputs, before: Fleet): void {
  const serving = whatServes(before, rolesOf(inputs));
  const [lost] = unreachable;
  if (lost !== undefined)
    throw new Unreachable({
      code: "HOST_UNREACHABLE",
      what: `${lost.host} is unreachable`,
      evidence: unreachable.map(({ host, reason }) => `${host}: ${reason}`),
      servesNow: `${serving}; nothing was changed`,
      next:
        lost.host in inputs.hosts
          ? `bring ${lost.host} back, or remove it from slipway:servers, then run pulumi up again`
          : `bring ${lost.host} back, then run pulumi up again; only if it is gone for good, name it in slipway:forget`,
    });
  const [stranger] = Object.entries(before).flatMap(([host, found]) =>
    found.kind === "reached" ? found.strangers.map((container) => ({ host, container })) : [],
  );
  if (stranger !== undefined) throw ofOtherStack(inputs, stranger);
  const [clash] = clashes;
  if (clash !== undefined)
    throw new SlipwayError({
      code: "ROUTE_TAKEN",
      what: `the proxy already serves ${clash.at} for ${clash.service}, so ${inputs.service} cannot use it`,
      host: clash.host,
      servesNow: `${clash.service} there; of this app: ${serving}. Nothing was changed`,
      next: clash.at.startsWith("the route ")
        ? "give the role or slipway:destination a different name, or remove the other app"
        : "give this app a host name or path of its own (slipway:proxy.host, slipway:proxy.path_prefix), or remove the other one",
    });
}

const ofOtherStack = (
  inputs: ReleaseInputs,
  {
    host,
    container: { name, stack },
  }: { readonly host: string; readonly container: { readonly name: string; readonly stack: string } },
): SlipwayError =>
  new SlipwayError({
    code: "NAME_TAKEN",
    what: `${appName(inputs)} on ${host} belongs to the stack ${stack}`,
    host,
    evidence: [`${name} is labelled as that stack's; this one is ${inputs.stack}`],
    servesNow: `the app of ${stack}; nothing was changed`,
    next: `choose a slipway:service or slipway:destination that no other stack has on ${host}; or, if this stack takes over what that one had: ${adoptText(stack)}`,
  });

/** Success is what was read back, not what was sent. An image that could not be removed is no failure. */
export function requireDone(inputs: ReleaseInputs, after: Fleet): void {
  const plan = planRelease(inputs, after);
  const left = { ...plan, operations: plan.operations.filter((operation) => !isTidying(operation)) };
  if (isEmpty(left)) return;
  const evidence = [
    ...left.operations.map((operation) => `${operation.host}: ${describe(operation)}`),
    ...left.unreachable.map(({ host, reason }) => `${host}: ${reason}`),
  ];
  throw new SlipwayError({
    code: "HOSTS_CHANGED",
    what: `${inputs.service} ${inputs.release}: the hosts changed while the release was being verified`,
    evidence: ["still to do:", ...evidence],
    servesNow: whatServes(after, rolesOf(inputs)),
    next: "find out who else changes these hosts, then run pulumi up again",
  });
}
