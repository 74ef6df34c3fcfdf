import type { AppImageOptions, AppSwitches } from "../../lab/app.ts";
import type { LabHost } from "../../lab/host.ts";
import { followed } from "../../lab/image.ts";
import type { Lab } from "../../lab/lab.ts";

/** Brings an image of the lab's registry to a host without leaving a login there. Returns its id. */
export async function pulled(lab: Lab, host: LabHost, ref: string): Promise<string> {
  const { server, username, password } = lab.registry;
  await followed(host.docker, await host.docker.pull(ref, { authconfig: { serveraddress: server, username, password } }));
  return (await host.docker.getImage(ref).inspect()).Id;
}

/** An image of the test app in the lab's registry, by digest, so that no one has to resolve its tag. */
export async function pinnedImage(lab: Lab, tag: string, switches?: AppSwitches, options?: AppImageOptions): Promise<string> {
  const { ref, digest } = await lab.image("shop", tag, switches, options);
  return `${ref}@${digest}`;
}

/** Several of them at once, by their tags. */
export async function pinnedImages(lab: Lab, tags: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(tags.map(async (tag) => [tag, await pinnedImage(lab, tag)] as const)));
}
