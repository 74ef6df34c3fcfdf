import { z } from "zod";
import { readStack } from "../../components/declare/stack.ts";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { digestIn } from "../../core/image-reference.ts";
import { imagesOf, type NamedImage } from "../../core/release/named-image.ts";
import { isStored, plainName } from "../../core/stored-image.ts";
import { Address, type Hosts, type RegistryAuth } from "../../hosts/index.ts";
import { rawOf } from "../../project/config-values.ts";
import { shortName } from "../../project/place.ts";
import { declaredConfig } from "../../project/project.ts";
import { imageOn } from "../../providers/container/stored-image.ts";
import { ImageStore } from "../../registry/index.ts";
import { accessTo, hostsAt } from "../stack/access.ts";
import { imagesAt } from "../stack/release-history.ts";
import { askingIn } from "../stack/secrets.ts";
import type { Purpose, Reconfiguration } from "./reconfiguration.ts";

/**
 * Throws unless each of these hosts has the image, can pull it, or gets it from this machine. Checked before anything is changed, the config
 * included.
 *
 * @param names of those hosts, as the last release has them
 */
export async function requireImageOn(names: readonly string[], own: Reconfiguration): Promise<void> {
  const { target, purpose, file } = own;
  const { project, stack, release } = target;
  const missing = await notHere(imagesOf(purpose.images), ImageStore.of(project.root));
  if (missing.length === 0) return;
  if (names.length === 0) {
    const [stored] = missing.filter(isStored);
    if (stored !== undefined) throw notStored(stored, `the image of ${purpose.what} is`, purpose.withoutImage);
    // The run asks the hosts that it makes or gets, before it changes them.
    return;
  }
  const [{ wanted }, written] = await Promise.all([own.opened(), declaredConfig(project, stack)]);
  const raw = { ...rawOf(wanted), stack: shortName(stack), file: file.path, root: project.root };
  const { registry } = (await readStack(raw, () => askingIn(project.root))).config;
  const known = z.record(z.string(), Address).parse(release?.outputs.hosts ?? {});
  const addresses = Object.entries(known).flatMap(([name, address]) => (names.includes(name) ? [address] : []));
  const hosts = hostsAt(await accessTo(project, written, target.shown));
  const roles = Roles.parse(release?.outputs.roles ?? {});
  const all = missing.map((image) => {
    const where = addresses.filter(({ name }) => imagesAt(purpose.images, name, roles).includes(image));
    return requireImage({ ...purpose, image }, where, hosts, registry);
  });
  await Promise.all(all).finally(() => hosts.close());
}

const Roles = z.record(z.string(), z.object({ hosts: z.array(z.string()) }));

/** Those that the hosts have to have, or to pull. */
async function notHere(images: readonly NamedImage[], store: ImageStore): Promise<string[]> {
  const found = images.map(async ({ image }) => {
    const isHere = isStored(image) && (await store.find(digestIn(image))) !== undefined;
    return isHere ? [] : [image];
  });
  return (await Promise.all(found)).flat();
}

async function requireImage(
  { image, what, withoutImage }: Pick<Purpose, "what" | "withoutImage"> & { readonly image: string },
  addresses: readonly Address[],
  hosts: Hosts,
  auth: RegistryAuth | undefined,
): Promise<void> {
  const without = await Promise.all(
    addresses.map(async (address) => {
      const { docker } = hosts.at(address);
      const there =
        (await imageOn(docker, image)) ??
        (isStored(image)
          ? undefined
          : await docker.distribution(image, auth).catch((thrown: unknown) => {
              throw unknown(image, address.name, thrown);
            }));
      return there === undefined ? [address.name] : [];
    }),
  );
  const lacking = without.flat();
  if (lacking.length === 0) return;
  if (isStored(image)) throw notStored(image, `the image of ${what} is missing on ${lacking.join(", ")}, and`, withoutImage);
  throw new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: `the image of ${what} is missing on ${lacking.join(", ")}, and in the registry`,
    evidence: [image],
    servesNow: NOTHING_TOUCHED,
    next: "push it again, or name another release (slipway releases)",
  });
}

const notStored = (image: string, where: string, next: string): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: `${where} not in Slipway's cache on this machine`,
    evidence: [plainName(image)],
    servesNow: NOTHING_TOUCHED,
    next,
  });

const unknown = (image: string, host: string, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "REGISTRY_UNREACHABLE",
      what: "the image is not on this host, and the registry could not be reached",
      host,
      evidence: [image, messageOf(thrown)],
      servesNow: NOTHING_TOUCHED,
      next: "check slipway:registry, and that the host can reach it",
    },
    { cause: thrown },
  );
