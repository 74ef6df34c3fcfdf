import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { parseReference, pinned } from "../../core/image-reference.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import { ConnectionLost, DockerRefusal, type Host, type Image } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { AccessoryInputs } from "./inputs.ts";

const PATIENCE: Seconds = 600;

/** An image that is on the host. */
export interface Brought {
  /** What a container is made of: by digest where there is one. */
  readonly ref: string;
  /** Empty for one that came from no registry. */
  readonly digest: string;
  readonly image: Image;
}

/**
 * Brings the image to the host by digest. What its tag means is asked of the registry once, through the host's own Docker, so that
 * its network, its mirrors and its CAs count.
 *
 * @param known what the text meant when it was asked before; empty: not yet
 */
export async function bring(inputs: AccessoryInputs, known: string, host: Host, run: Run, servesNow: string): Promise<Brought> {
  const fail = failing(inputs, host, servesNow);
  const reference = parseReference(inputs.image);
  const digest = reference.digest ?? (known === "" ? await resolve(inputs, host).catch(fail) : known);
  const ref = digest === "" ? inputs.image : pinned(reference, digest);
  const image = (await host.docker.image(ref)) ?? (await pull(inputs, ref, host, run).catch(fail));
  return { ref, digest, image };
}

/** One that the registry does not have may have been built on the host, or loaded there. */
async function resolve({ image, registry }: AccessoryInputs, { docker }: Host): Promise<string> {
  try {
    const there = await docker.distribution(image, registry);
    if (there !== undefined) return there.digest;
  } catch (thrown) {
    if (!(thrown instanceof DockerRefusal) || (await docker.image(image)) === undefined) throw thrown;
  }
  if ((await docker.image(image)) === undefined) throw new Error("the registry does not have it");
  return "";
}

async function pull({ image, registry }: AccessoryInputs, ref: string, { docker }: Host, { report }: Run): Promise<Image> {
  report.status(`pull ${image}`);
  const deadline = Deadline.in(PATIENCE);
  const progress = ({ current, total }: { current: Bytes; total: Bytes }) =>
    report.status(`pull ${image} · ${megabytes(current)} of ${megabytes(total)} MB`);
  await docker.pull(ref, registry, { deadline, progress });
  const pulled = await docker.image(ref);
  if (pulled === undefined) throw new Error("it was pulled, and is not there");
  return pulled;
}

const megabytes = (bytes: Bytes): string => (bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0);

const failing =
  ({ accessory, image, registry }: AccessoryInputs, host: Host, servesNow: string) =>
  (thrown: unknown): never => {
    if (thrown instanceof ConnectionLost || thrown instanceof SlipwayError) throw thrown;
    throw new SlipwayError(
      {
        what: `the image ${image} of ${accessory} could not be pulled`,
        host: host.name,
        evidence: [messageOf(thrown)],
        servesNow,
        next: `check slipway:accessories.${accessory}.image, ${registry === undefined ? "whether it needs a login (registry)" : "its registry's login"}, and that ${host.name} reaches that registry, then run pulumi up again`,
      },
      { cause: thrown },
    );
  };
