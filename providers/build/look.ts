import type { BuiltImage } from "../../core/build.ts";
import { SlipwayError } from "../../core/error.ts";
import { loginFor } from "../../core/image-reference.ts";
import type { Registry } from "../../core/registry.ts";
import { isStored } from "../../core/stored-image.ts";
import type { HostName } from "../../core/words.ts";
import { resolvePlatforms } from "../../registry/index.ts";
import { ownStore } from "../container/own-store.ts";
import { imageOn } from "../container/stored-image.ts";
import type { Run } from "../pulumi/provider.ts";
import { orUnreachable } from "../steps/finding.ts";
import type { BuildInputs } from "./inputs.ts";

/**
 * The hosts that lack the image while neither this machine nor its registry has it, so that it cannot be brought to them. A machine that did
 * not build it has it mostly not, and that is no reason to build it again as long as the hosts have it. A host that cannot be asked is the
 * release's finding.
 */
export async function hostsWithout(inputs: BuildInputs, { digest }: BuiltImage, run: Run): Promise<HostName[]> {
  const { image, hosts } = inputs;
  if (isStored(image) && (await ownStore().find(digest)) !== undefined) return [];
  const name = `${image}@${digest}`;
  const found = Object.entries(hosts).map(async ([on, address]) => {
    const there = await orUnreachable(on, async () => ({
      kind: (await imageOn(run.hosts.at(address).docker, name)) === undefined ? ("missing" as const) : ("present" as const),
    }));
    return there.kind === "missing" ? [on] : [];
  });
  const lacking = (await Promise.all(found)).flat();
  return lacking.length > 0 && !isStored(image) && (await isInRegistry(name, inputs.registry)) ? [] : lacking;
}

/** A registry that does not answer is no reason to build again. */
export async function isInRegistry(name: string, registry: Registry | undefined): Promise<boolean> {
  try {
    await resolvePlatforms(name, loginFor(name, registry));
    return true;
  } catch (thrown) {
    if (thrown instanceof SlipwayError) return thrown.story.code !== "IMAGE_NOT_FOUND";
    throw thrown;
  }
}
