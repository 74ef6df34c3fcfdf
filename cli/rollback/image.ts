import { z } from "zod";
import { parseConfig } from "../../config/index.ts";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { digestIn } from "../../core/image-reference.ts";
import { isStored, plainName } from "../../core/stored-image.ts";
import { Address, type Hosts, type RegistryAuth } from "../../hosts/index.ts";
import { rawOf } from "../../project/config-values.ts";
import { shortName } from "../../project/place.ts";
import { stackFile } from "../../project/project.ts";
import { imageOn } from "../../providers/container/stored-image.ts";
import { ImageStore } from "../../registry/index.ts";
import { accessTo, hostsAt } from "../stack/access.ts";
import { imagesAt, type Released } from "../stack/release-history.ts";
import type { Rollback } from "./rollback.ts";

/** Throws unless each of these hosts has the image, can pull it, or gets it from this machine. Checked before anything is changed, the config included. */
export async function requireImageOn(names: readonly string[], rollback: Rollback): Promise<void> {
  const { past, target, file } = rollback;
  const { project, stack, release } = past;
  const [{ wanted }, written] = await Promise.all([rollback.opened(), stackFile(project, stack)]);
  const { registry } = parseConfig({ ...rawOf(wanted), stack: shortName(stack), file: file.path });
  const addresses = Object.entries(z.record(z.string(), Address).parse(release.outputs.hosts)).flatMap(([name, address]) =>
    names.includes(name) ? [address] : [],
  );
  const hosts = hostsAt(await accessTo(project, written, past.shown));
  const isHere = async (image: string) => (await ImageStore.of(project.root).find(digestIn(image))) !== undefined;
  const roles = Roles.parse(release.outputs.roles);
  const byImage = Map.groupBy(
    addresses.flatMap((address) => imagesAt(target, address.name, roles).map((image) => ({ image, address }))),
    ({ image }) => image,
  );
  const all = [...byImage].map(([image, where]) => {
    const there = where.map(({ address }) => address);
    return requireImage({ ...target, image }, there, hosts, registry, () => isHere(image));
  });
  await Promise.all(all).finally(() => hosts.close());
}

const Roles = z.record(z.string(), z.object({ hosts: z.array(z.string()) }));

async function requireImage(
  { image, release }: Released,
  addresses: readonly Address[],
  hosts: Hosts,
  auth: RegistryAuth | undefined,
  isHere: () => Promise<boolean>,
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
  if (lacking.length === 0 || (isStored(image) && (await isHere()))) return;
  if (isStored(image)) throw notStored(image, release, lacking);
  throw new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: `the image of ${release} is missing on ${lacking.join(", ")}, and in the registry`,
    evidence: [image],
    servesNow: NOTHING_TOUCHED,
    next: "push it again, or name another release (slipway releases)",
  });
}

const notStored = (image: string, release: string, lacking: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: `the image of ${release} is missing on ${lacking.join(", ")}, and in Slipway's cache on this machine`,
    evidence: [plainName(image)],
    servesNow: NOTHING_TOUCHED,
    next: "roll back from the machine that released it, build that version again and deploy it, or name another release (slipway releases)",
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
