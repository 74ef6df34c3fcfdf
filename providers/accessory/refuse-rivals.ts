import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Run } from "../pulumi/provider.ts";
import { claimOfContainer } from "./claim.ts";
import type { FoundRival, ObservedAccessory } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { foreignRivalsOf } from "./plan.ts";

/** Before anything is created. An accessory of this stack under its name of before is no rival: its container stops first. */
export async function refuseRivals(inputs: AccessoryInputs, found: ObservedAccessory, run: Run): Promise<void> {
  const { host, accessory } = inputs;
  const ofStack = found.rivals.filter(({ of }) => of === "stack");
  const claims = ofStack.map(({ name }) => claimOfContainer(host, name));
  const declared = new Set((await run.declared(claims)).map(({ thing }) => thing));
  const rival = foreignRivalsOf(found)[0] ?? ofStack.find(({ name }) => declared.has(claimOfContainer(host, name).thing));
  if (rival === undefined) return;
  throw new SlipwayError({
    code: "ACCESSORY_DATA_AT_RISK",
    what: `${accessory} would write to ${rival.source}, and ${rival.name} writes to it as well: two servers on one folder of data destroy it`,
    host: host.name,
    evidence: [`${rival.name} belongs to ${rival.whose}`],
    servesNow: NOTHING_TOUCHED,
    next: wayOut(inputs, rival),
  });
}

function wayOut({ accessory, service, destination, host }: AccessoryInputs, rival: FoundRival): string {
  const own = `give ${accessory} another source in slipway:accessories.${accessory}`;
  if (rival.of === "kamal" && rival.name === `${service}-${accessory}` && destination !== undefined)
    return `to take it over from Kamal with its data, name it as Kamal does: slipway:accessories.${accessory}.service: ${rival.name}; or ${own}`;
  return `stop it on ${host.name}, docker stop ${rival.name}, if ${accessory} takes its place; or ${own}`;
}
