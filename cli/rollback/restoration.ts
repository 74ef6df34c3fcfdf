import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { configHash } from "../../core/config-hash.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseReference, repositoryName, withoutDigest } from "../../core/image-reference.ts";
import type { NamedImage } from "../../core/release/named-image.ts";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import { type ConfigValue, parseValues, type StackValues } from "../../project/config-values.ts";
import { plainScalars } from "../../project/plain-scalars.ts";
import { stackFile } from "../../project/project.ts";
import type { Released } from "../stack/release-history.ts";
import { hasSealed, sealedValues } from "../stack/sealed-values.ts";
import { configOf, forgotten, storedUpdates } from "../stack/update-history.ts";
import { type Change, changesTo, misread, STAY } from "./changes.ts";
import { inConfig } from "./config-file.ts";
import type { Past } from "./past.ts";
import { edit } from "./yaml-edit.ts";

/** What turns the config of now into that of an earlier release. */
export interface Restoration {
  readonly changes: readonly Change[];
  /** What Pulumi has to read once they are written. */
  readonly wanted: StackValues;
  /** Its hash, if no secret changes: then the run itself compares what it reads. Otherwise Pulumi is asked after the file is written. */
  readonly hash?: string;
}

type Written = Readonly<Record<string, unknown>>;

/**
 * Most rollbacks change no secret. Then the history and the file are compared as they are, without a process that decrypts them: it
 * derives a key, which takes longer than all the rest.
 */
export async function restorationOf(target: Released, past: Past): Promise<Restoration> {
  const written = await stackFile(past.project, past.stack);
  if (written === undefined) throw elsewhere();
  return (await withoutKey(target, past, written)) ?? withKey(target, past, written);
}

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

/** The same with all secrets in plain text. */
export async function openRestoration(target: Released, past: Past): Promise<Restoration> {
  return withKey(target, past, (await stackFile(past.project, past.stack)) ?? {});
}

async function withKey(target: Released, past: Past, written: Written): Promise<Restoration> {
  const [earlier, now] = await Promise.all([configOf(target, past.updates), past.shown().then(parseValues)]);
  if (earlier === undefined) throw forgotten(target);
  const wanted = pinnedTo(target, earlier, now);
  return { changes: changesTo(wanted, now, written), wanted };
}

/** The same from encrypted values; `undefined` where these do not say everything. */
async function withoutKey(target: Released, past: Past, written: Written): Promise<Restoration | undefined> {
  const text = await readFile(past.filePath, "utf8");
  if (isDoubtful(written, text)) return undefined;
  const earlier = await storedConfig(target, past);
  if (earlier === undefined) return undefined;
  const now = sealedValues(written);
  const wanted = pinnedTo(target, earlier, now);
  const changes = changesTo(wanted, now, written);
  if (changes.some(isSecret)) return undefined;
  const read = sealedValues(configIn(edit(text, changes.map(inConfig), past.filePath)));
  return misread(wanted, read).length > 0 ? undefined : { changes, wanted, hash: hashOf(read) };
}

/** By the hash of the config alone: it is compared with that of an encrypted one, which has the same names. */
const storedConfig = async (released: Released, { stored }: Past): Promise<StackValues | undefined> =>
  stored === undefined || released.config === undefined
    ? undefined
    : configOf(released, storedUpdates(stored)).catch(() => undefined);

const isSecret = ({ secret, to }: Change): boolean => secret || hasSealed(to);

/** Whether Pulumi may read something else from a file than what is parsed here, or may not know the names in what is secret. */
const isDoubtful = (written: Written, text: string): boolean =>
  plainScalars(text).length > 0 ||
  // A time for Pulumi's parser.
  /\b\d{4}-\d{1,2}-\d{1,2}\b/.test(text) ||
  Object.entries(written).some(
    ([key, value]) => key.startsWith("slipway:") && (value === null || (isMap(value) && "secure" in value)),
  );

function configIn(text: string): Written {
  const file: unknown = parse(text);
  return isMap(file) && isMap(file.config) ? file.config : {};
}

const hashOf = (values: StackValues): string =>
  configHash(Object.fromEntries(Object.entries(values).map(([key, { value = "", secret }]) => [key, { text: value, secret }])));

const isRolledBack = (key: string): boolean => key.startsWith("slipway:") && !STAY.has(key);

/**
 * The image by digest, because its tag may have moved. The tag stays: the release is named after it. An image that was built has none: it is
 * written with the version that it got.
 */
export function pinnedTo({ image, version, images = {} }: Released, earlier: StackValues, now: StackValues): StackValues {
  const reference = parseReference(image);
  const { digest } = reference;
  const isBuilt = "slipway:builder" in earlier;
  const written = earlier["slipway:image"]?.value ?? repositoryName(reference);
  const named = isBuilt ? { "slipway:version": earlier["slipway:version"] ?? { value: version, secret: false } } : {};
  const stays = Object.entries(now).filter(([key]) => !isRolledBack(key));
  const changes = Object.entries(earlier).filter(([key]) => isRolledBack(key));
  const pinned = { value: `${withoutDigest(written)}@${digest}`, secret: false };
  const { [SERVERS]: servers } = earlier;
  const roles = servers === undefined ? {} : { [SERVERS]: withOwnImages(servers, images) };
  return { ...Object.fromEntries([...changes, ...stays]), ...named, ...roles, "slipway:image": pinned };
}

const SERVERS = "slipway:servers";

/** The roles with the images that they ran, where these are their own. */
function withOwnImages(written: ConfigValue, images: NonNullable<Released["images"]>): ConfigValue {
  const servers = written.objectValue ?? parseJson(written.value ?? "");
  if (!isMap(servers) || Object.keys(images).length === 0) return written;
  const roles = Object.entries(servers).map(([role, value]): [string, unknown] => {
    const own = images[role];
    return [role, own === undefined || !isMap(value) ? value : { ...value, ...pinnedRole(value, own) }];
  });
  const objectValue = Object.fromEntries(roles);
  return { ...written, value: JSON.stringify(objectValue), objectValue };
}

function pinnedRole(
  { image: named, version: given, builder }: Readonly<Record<string, unknown>>,
  { version, image }: NamedImage,
) {
  const reference = parseReference(image);
  const written = typeof named === "string" ? named : repositoryName(reference);
  const isNamed = builder === undefined || given !== undefined;
  return { image: `${withoutDigest(written)}@${reference.digest}`, ...(isNamed ? {} : { version }) };
}

const elsewhere = (): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: "the stack's file does not contain all of its config (some is in Pulumi.yaml or an environment), so it cannot be rolled back",
    servesNow: NOTHING_TOUCHED,
    next: "restore it from version control, and run slipway deploy",
  });
