import type { Deadline } from "../../core/deadline.ts";
import type { Candidate } from "../container/candidate.ts";
import { checkOf } from "../container/check.ts";
import { prove as proveContainer } from "../container/proof.ts";
import { proofText } from "./describe.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { networkOf } from "./plan.ts";

/** Waits until a container is healthy; rejects at once when it exits, and with its last answer at the deadline. */
export function prove(inputs: AccessoryInputs, candidate: Candidate, saw: (what: string) => void): Promise<void> {
  const { ready, bootTimeout } = inputs;
  const what = proofText(inputs);
  const proof = {
    check: async (deadline: Deadline) => {
      const check = await checkOf(candidate, ready, networkOf(inputs), deadline);
      return check && { ...check, what, next: () => nextFor(inputs) };
    },
    delay: ready.by === "docker" ? ready.delay : 0,
    timeout: bootTimeout,
    limit: bootLimit(inputs),
  };
  return proveContainer(candidate, proof, (seen) => saw(`healthy? (${what}: ${seen})`), new AbortController().signal);
}

/** The key of the config that limits how long an accessory may take to boot. */
export const bootLimit = ({ accessory }: Pick<AccessoryInputs, "accessory">): string =>
  `slipway:accessories.${accessory}.boot_timeout`;

/** What to do about a check that the image brings and that does not pass. */
const nextFor = ({ ready, accessory }: AccessoryInputs): string | undefined =>
  ready.by === "docker"
    ? `make the image's HEALTHCHECK pass, replace it with slipway:accessories.${accessory}.healthcheck, or switch it off with slipway:accessories.${accessory}.options.no_healthcheck: true`
    : undefined;
