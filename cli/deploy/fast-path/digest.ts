import { z } from "zod";
import { Secrets } from "../../../config/env/secret.ts";
import { RegistrySection, resolveRegistry } from "../../../config/release/registry.ts";
import { Problems } from "../../../config/schema/problem.ts";
import { isEngineImage, parseEngineImage } from "../../../core/engine-image.ts";
import { isFileImage, parseFileImage } from "../../../core/file-image.ts";
import { absoluteImage, digestIn, parseReference } from "../../../core/image-reference.ts";
import { isLocalImage, isPinned } from "../../../core/local-image.ts";
import { isStored } from "../../../core/stored-image.ts";
import { isMap } from "../../../core/values.ts";
import type { RoleName } from "../../../core/words.ts";
import { parseValues, rawOf } from "../../../project/config-values.ts";
import { shortName } from "../../../project/place.ts";
import { withKamalsFile } from "../../../project/project.ts";
import { ImageStore, readImageFile, resolveDigest } from "../../../registry/index.ts";
import type { NamedNow } from "./decide.ts";
import type { SecretsNow } from "./secrets.ts";

type Written = Readonly<Record<string, unknown>>;

/** An image that the stack's file names, without what is built. */
interface Named {
  /** The role that runs it; undefined: it is the app's. */
  readonly role: RoleName | undefined;
  readonly image: string;
}

const OfRole = z.object({ image: z.string().optional(), builder: z.unknown().optional() });

/** The images that the file names: that of the app, and of roles that have one of their own. */
export const namedImages = (written: Written): Named[] =>
  imagesIn(written).flatMap(({ role, image, builder }) => (builder === undefined || isPinned(image) ? [{ role, image }] : []));

/** What is said of builders that build nothing, since their image is written by digest; `undefined`: there is no such builder. */
export function noteOnPinned(written: Written): string | undefined {
  const pinned = imagesIn(written).filter(({ image, builder }) => builder !== undefined && isPinned(image));
  const notes = pinned.map(({ role }) => {
    const at = role === undefined ? "slipway:" : `slipway:servers.${role}.`;
    return `${at}image is written by digest, so ${at}builder builds nothing: remove ${at}image and ${at}version to build again`;
  });
  return notes.length === 0 ? undefined : notes.join("; ");
}

function imagesIn(written: Written): (Named & { readonly builder?: unknown })[] {
  const roles = isMap(written["slipway:servers"]) ? Object.entries(written["slipway:servers"]) : [];
  const all = [
    { role: undefined, image: written["slipway:image"], builder: written["slipway:builder"] },
    ...roles.map(([role, value]) => ({ role, ...OfRole.safeParse(value).data })),
  ];
  return all.flatMap(({ image, ...own }) => (typeof image === "string" ? [{ ...own, image }] : []));
}

/** Whether the digests can be found without a login: the config contains them, the images are on this machine, or they are public. */
export const needsNoLogin = (written: Written): boolean =>
  written["slipway:registry"] === undefined || namedImages(written).every(({ image }) => isKnownHere(image));

const isKnownHere = (image: string): boolean => isLocalImage(image) || parseReference(image).digest !== undefined;

/** What a run of the program would find for the images that the file names; see `currentDigest`. */
export const askForImages = (around: Around): NamedNow[] =>
  namedImages(around.written).map(({ role, image }) => ({
    role,
    digest: currentDigest(image, around),
    different: whatDiffers(image, role),
  }));

/** What is known of a stack whose images are asked for. */
interface Around {
  /** The config of the stack's file, secrets sealed. */
  readonly written: Written;
  readonly stack: string;
  /** The project's folder. */
  readonly root: string;
  /** What `pulumi config --show-secrets --json` prints; called only if a login is needed. */
  readonly shown: () => Promise<string>;
  /** What sources of secrets have answered; called only if a login is needed. */
  readonly stored: () => Promise<SecretsNow["stored"] | undefined>;
}

/**
 * The digest that a run of the program would find. Only image and registry are read: loading the schemas of a complete config takes as
 * long as asking the registry, and the config is known to be the one of the last run.
 *
 * @returns `undefined`: it is an image that was never released from here
 */
async function currentDigest(image: string, { written, stack, root, shown, stored }: Around): Promise<string | undefined> {
  const file = parseFileImage(image);
  if (isStored(image)) return digestIn(image);
  if (file !== undefined) return (await readImageFile(file, root, ImageStore.of(root))).digest;
  const engine = parseEngineImage(image);
  if (engine !== undefined) {
    const { knownDigest } = await import("../../../builder/index.ts");
    return knownDigest(engine, ImageStore.of(root), { env: process.env });
  }
  if (written["slipway:registry"] === undefined || isKnownHere(image)) return resolveDigest(image, undefined);
  const raw = { ...rawOf(parseValues(await shown())), stack: shortName(stack) };
  const { values, secretKeys } = await withKamalsFile(raw, root);
  const sealed = new Set([...secretKeys].map((key) => key.replace("slipway:", "")));
  const place = new Problems().at("registry");
  const secrets = new Secrets(
    { own: parsed(values["slipway:secrets"], z.record(z.string(), z.string())) ?? {}, ...(await stored()) },
    sealed,
  );
  const registry = resolveRegistry(parsed(values["slipway:registry"], RegistrySection), secrets, sealed, place);
  return resolveDigest(absoluteImage(image, registry?.server), registry);
}

/** What it means if that digest is not the one of the release. */
export function whatDiffers(image: string, role: RoleName | undefined): string {
  const named = role === undefined ? "the image" : `the image of ${role}`;
  if (isFileImage(image)) return `${named} in the file is a different one now`;
  if (isEngineImage(image)) return `${named} in the engine is a different one than this machine released last`;
  return `${role === undefined ? "the image's tag" : `the tag of ${named}`} points to a different image now`;
}

const parsed = <T>(json: string | undefined, schema: z.ZodType<T>): T | undefined =>
  json === undefined ? undefined : schema.parse(JSON.parse(json));
