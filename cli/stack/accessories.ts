/** Accessories for the commands: what the state declares and what is on the hosts. */
import type { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import type { Container, Host } from "../../hosts/index.ts";
import { KAMAL_PROXY } from "../../hosts/index.ts";
import { ownerOf } from "../../providers/accessory/container-owner.ts";
import { AccessoryState } from "../../providers/accessory/inputs.ts";
import { statusOf } from "../../providers/container/status.ts";
import { type Checkpoint, DYNAMIC, issuesOf, stackOf } from "./checkpoint.ts";

export { bootLimit } from "../../providers/accessory/proof.ts";
export { CandidateFailed, lastLogs } from "../../providers/container/candidate.ts";
export { checkOf } from "../../providers/container/check.ts";
export { prove } from "../../providers/container/proof.ts";
export { stopInTime } from "../../providers/container/stop.ts";

/** One accessory on one host as the state declares it, without the values of secrets: the fields that commands use. */
export const DeclaredAccessory = AccessoryState.pick({
  host: true,
  stack: true,
  adopt: true,
  accessory: true,
  container: true,
  image: true,
  digest: true,
  spec: true,
  preset: true,
  containerPort: true,
  publish: true,
  env: true,
  secretEnv: true,
  network: true,
  proxy: true,
  ready: true,
  ofKamal: true,
  stopTimeout: true,
  bootTimeout: true,
  gap: true,
});
export type DeclaredAccessory = z.infer<typeof DeclaredAccessory>;

/** The accessories of a state, by name and host. Pure. */
export function accessoriesIn(checkpoint: Checkpoint): DeclaredAccessory[] {
  const declared = checkpoint.resources
    .filter(({ type }) => type === `${DYNAMIC}Accessory`)
    .map(({ urn, outputs }) => {
      const parsed = DeclaredAccessory.safeParse(outputs);
      if (!parsed.success) throw otherVersion(urn.split("::").at(-1) ?? urn, stackOf(checkpoint), parsed.error);
      return parsed.data;
    });
  return declared.sort((a, b) => order(a.accessory, b.accessory) || order(a.host.name, b.host.name));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A container under the accessory's name. */
export interface FoundContainer extends Container {
  readonly of: "ours" | "kamal" | "other";
}

/** The containers of an accessory on its host. */
export interface Found {
  readonly main: FoundContainer | undefined;
  /** The new container of a replacement that is in progress, or was interrupted. */
  readonly next: FoundContainer | undefined;
}

/** Reads only. Rejects if the host is unreachable. */
export async function lookAt(declared: DeclaredAccessory, { docker }: Host): Promise<Found> {
  const [main, next] = await Promise.all([docker.inspect(declared.container), docker.inspect(`${declared.container}-next`)]);
  const known = (container: Container | undefined) => container && { ...container, of: ownerOf(declared, container.labels) };
  return { main: known(main), next: known(next) };
}

/** The network that its address is in: a Docker network, or `host`. */
export const networkOf = ({ network = KAMAL_PROXY.network }: DeclaredAccessory): string => network;

/** Its address as seen from its host; `undefined` while it has none. */
export const addressOf = (declared: DeclaredAccessory, { addresses, networkMode }: Container): string | undefined =>
  networkMode === "host" ? "127.0.0.1" : (addresses[networkOf(declared)] ?? Object.values(addresses)[0]);

/** Its container; throws if it is missing or not this accessory's. */
export async function requireContainer(declared: DeclaredAccessory, host: Host): Promise<FoundContainer> {
  const { main } = await lookAt(declared, host);
  return requireOwn(declared, main);
}

export function requireOwn({ container, accessory, host }: DeclaredAccessory, main: FoundContainer | undefined): FoundContainer {
  if (main === undefined)
    throw refusal("ACCESSORY_NOT_RUNNING", host.name, `the container ${container} is missing`, "pulumi up starts it");
  if (main.of === "other")
    throw refusal(
      "NAME_TAKEN",
      host.name,
      `${container} is not the container of the accessory ${accessory}: it was not created by Slipway`,
      "find out what it is on the host (docker inspect), then rename or remove it there",
    );
  return main;
}

/** Its container; throws if it is not running. */
export async function requireRunning(declared: DeclaredAccessory, host: Host): Promise<FoundContainer> {
  const main = await requireContainer(declared, host);
  if (main.state.status === "running") return main;
  throw refusal(
    "ACCESSORY_NOT_RUNNING",
    host.name,
    `${declared.container} is not running: it is ${stateInWords(main)}`,
    `slipway accessory start ${declared.accessory} --host ${host.name}`,
  );
}

/** `running`, `stopped with code 1`, `killed for memory` */
export function stateInWords({ state }: Container): string {
  return state.status === "created" ? "not started yet" : statusOf(state);
}

export const refusal = (code: ErrorCode, host: string, what: string, next: string): SlipwayError =>
  new SlipwayError({ code, what, host, servesNow: NOTHING_TOUCHED, next });

const otherVersion = (name: string, stack: string, error: z.ZodError): SlipwayError =>
  new SlipwayError({
    code: "STATE_FROM_OTHER_VERSION",
    what: `the state of the stack ${stack} has the accessory ${name} in the format of a different version of Slipway`,
    evidence: issuesOf(error),
    servesNow: NOTHING_TOUCHED,
    next: "use that version here, or run pulumi up once with this one, which rewrites the state",
  });
