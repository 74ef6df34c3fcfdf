import { messageOf, SlipwayError } from "../../core/error.ts";
import { parseReference, pinned } from "../../core/image-reference.ts";
import type { Bytes } from "../../core/words.ts";
import { DockerRefusal, type Host, type Image } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** An image on the host. */
export interface PulledImage {
  /** The reference for creating a container: by digest if there is one. */
  readonly ref: string;
  /** Empty for an image that is in no registry. */
  readonly digest: string;
  readonly image: Image;
}

/**
 * Pulls the image by digest. Its tag is resolved once, through the host's own Docker, so that the host's network, mirrors and CAs are
 * used.
 *
 * @param known the digest from an earlier resolution; empty if there was none
 */
export async function pullPinned(
  inputs: AccessoryInputs,
  known: string,
  host: Host,
  run: Run,
  servesNow: string,
): Promise<PulledImage> {
  const fail = failing(inputs, host, servesNow);
  const reference = parseReference(inputs.image);
  const digest = reference.digest ?? (known === "" ? await resolve(inputs, host).catch(fail) : known);
  const ref = digest === "" ? inputs.image : pinned(reference, digest);
  const image = (await host.docker.image(ref)) ?? (await pull(inputs, ref, host, run).catch(fail));
  return { ref, digest, image };
}

/** An image that is missing from the registry may have been built or loaded on the host. */
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
  const progress = ({ current, total }: { current: Bytes; total: Bytes }) =>
    report.status(`pull ${image} · ${megabytes(current)} of ${megabytes(total)} MB`);
  await docker.pull(ref, registry, { progress });
  const pulled = await docker.image(ref);
  if (pulled === undefined) throw new Error("it was pulled, but is missing on the host");
  return pulled;
}

const megabytes = (bytes: Bytes): string => (bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0);

const failing =
  ({ accessory, image, registry }: AccessoryInputs, host: Host, servesNow: string) =>
  (thrown: unknown): never => {
    if (isExplained(thrown)) throw thrown;
    throw new SlipwayError(
      {
        code: "PULL_FAILED",
        what: `the image ${image} of ${accessory} could not be pulled`,
        host: host.name,
        evidence: [messageOf(thrown)],
        servesNow,
        next: `check slipway:accessories.${accessory}.image, ${registry === undefined ? "whether it needs a login (registry)" : "its registry's login"}, and that ${host.name} reaches that registry, then run pulumi up again`,
      },
      { cause: thrown },
    );
  };
