import type { BuiltImage } from "../../core/build.ts";
import { pinned } from "../../core/image-reference.ts";
import { storedReference } from "../../core/stored-image.ts";
import type { HostName } from "../../core/words.ts";
import { ownStore } from "../container/own-store.ts";
import { imageOn } from "../container/stored-image.ts";
import type { Run } from "../pulumi/provider.ts";
import { orUnreachable } from "../steps/finding.ts";
import type { BuildInputs } from "./inputs.ts";

/**
 * The hosts that lack the image while this machine has it neither, so that it cannot be sent. A machine that did not build it has it
 * mostly not, and that is no reason to build it again as long as the hosts have it. A host that cannot be asked is the release's finding.
 */
export async function hostsWithout({ service, hosts }: BuildInputs, { digest }: BuiltImage, run: Run): Promise<HostName[]> {
  if ((await ownStore().find(digest)) !== undefined) return [];
  const image = pinned(storedReference(service), digest);
  const found = Object.entries(hosts).map(async ([name, address]) => {
    const there = await orUnreachable(name, async () => ({
      kind: (await imageOn(run.hosts.at(address).docker, image)) === undefined ? ("missing" as const) : ("present" as const),
    }));
    return there.kind === "missing" ? [name] : [];
  });
  return (await Promise.all(found)).flat();
}
