import { parseReference, repositoryName, withoutDigest } from "../../core/image-reference.ts";
import type { NamedImage } from "../../core/release/named-image.ts";
import { isBuilt } from "../../project/built.ts";
import { parseValues, type StackValues } from "../../project/config-values.ts";
import { stackFile } from "../../project/project.ts";
import { changesTo, STAY } from "../reconfigure/changes.ts";
import { type Written, withOwnImages } from "../reconfigure/own-images.ts";
import { isSecret, type Recipe } from "../reconfigure/rewriting.ts";
import type { Released } from "../stack/release-history.ts";
import { sealedValues } from "../stack/sealed-values.ts";
import { configOf, forgotten, storedUpdates } from "../stack/update-history.ts";
import type { Past } from "./past.ts";

/** How the config of an earlier release is made again. */
export const restorationOf = (target: Released, past: Past): Recipe => ({
  sealed: async () => {
    const earlier = await storedConfig(target, past);
    return earlier && ((now) => pinnedTo(target, earlier, now));
  },
  open: async () => {
    const earlier = await configOf(target, past.updates);
    if (earlier === undefined) throw forgotten(target);
    return (now) => pinnedTo(target, earlier, now);
  },
});

/** Whether an earlier release has another config than that of now. */
export async function differsFrom(released: Released, past: Past): Promise<boolean> {
  const written = (await stackFile(past.project, past.stack)) ?? {};
  const sealed = await storedConfig(released, past);
  const changes = sealed && changesTo(sealed, sealedValues(written), {});
  if (changes !== undefined && !changes.some(isSecret)) return changes.length > 0;
  const [earlier, now] = await Promise.all([configOf(released, past.updates), past.shown().then(parseValues)]);
  if (earlier === undefined) throw forgotten(released);
  return changesTo(earlier, now, {}).length > 0;
}

/** By the hash of the config alone: it is compared with that of an encrypted one, which has the same names. */
const storedConfig = async (released: Released, { stored }: Past): Promise<StackValues | undefined> =>
  stored === undefined || released.config === undefined
    ? undefined
    : configOf(released, storedUpdates(stored)).catch(() => undefined);

const isRolledBack = (key: string): boolean => key.startsWith("slipway:") && !STAY.has(key);

/**
 * The image by digest, because its tag may have moved. The tag stays: the release is named after it. An image that was built has none: it is
 * written with the version that it got.
 */
export function pinnedTo({ image, version, images = {} }: Released, earlier: StackValues, now: StackValues): StackValues {
  const reference = parseReference(image);
  const { digest } = reference;
  const written = earlier["slipway:image"]?.value ?? repositoryName(reference);
  const named = isBuilt(earlier) ? { "slipway:version": earlier["slipway:version"] ?? { value: version, secret: false } } : {};
  const stays = Object.entries(now).filter(([key]) => !isRolledBack(key));
  const changes = Object.entries(earlier).filter(([key]) => isRolledBack(key));
  const pinned = { value: `${withoutDigest(written)}@${digest}`, secret: false };
  const { "slipway:servers": servers } = earlier;
  const pinRole = ({ image: named, version: given, builder }: Written, { version: ran, image: as }: NamedImage): Written => {
    const { digest: its, ...place } = parseReference(as);
    const name = typeof named === "string" ? withoutDigest(named) : repositoryName({ ...place, digest: undefined });
    return { image: `${name}@${its}`, ...(builder === undefined || given !== undefined ? {} : { version: ran }) };
  };
  const roles = servers === undefined ? {} : { "slipway:servers": withOwnImages(servers, images, pinRole) };
  return { ...Object.fromEntries([...changes, ...stays]), ...named, ...roles, "slipway:image": pinned };
}
