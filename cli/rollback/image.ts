import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Address, Hosts, RegistryAuth } from "../../hosts/index.ts";
import type { Released } from "../stack/release-history.ts";

/** Throws unless every host has the image or can pull it. Checked before anything is changed, the config included. */
export async function requireImage(
  { image, release }: Released,
  addresses: readonly Address[],
  hosts: Hosts,
  auth: RegistryAuth | undefined,
): Promise<void> {
  const without = await Promise.all(
    addresses.map(async (address) => {
      const { docker } = hosts.at(address);
      const there =
        (await docker.image(image)) ??
        (await docker.distribution(image, auth).catch((thrown: unknown) => {
          throw unknown(image, address.name, thrown);
        }));
      return there === undefined ? [address.name] : [];
    }),
  );
  const lacking = without.flat();
  if (lacking.length === 0) return;
  throw new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: `the image of ${release} is missing on ${lacking.join(", ")}, and in the registry`,
    evidence: [image],
    servesNow: NOTHING_TOUCHED,
    next: "push it again, or name another release (slipway releases)",
  });
}

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
