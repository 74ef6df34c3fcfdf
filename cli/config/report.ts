import { type Config, snakeCase } from "../../config/index.ts";
import { parseReference } from "../../core/image-reference.ts";
import { isLocalImage } from "../../core/local-image.ts";
import { Mask } from "../../core/mask.ts";
import { accessoryContainer, appName, jobContainer, prefixOf } from "../../core/names.ts";
import { isMap } from "../../core/values.ts";

/** A config that was read, and where. */
export interface Understood {
  readonly stack: string;
  /** Relative to the project: `stacks/Pulumi.production.yaml`. */
  readonly file: string;
  readonly config: Config;
  /** Texts that are not shown, wherever they are. */
  readonly secrets: readonly string[];
}

/**
 * What `slipway config --json` prints: the keys below, then the config with its defaults. Keys are those of a stack's file where it has them; they
 * follow the schema of this version.
 */
export interface ConfigReport {
  readonly schema: 1;
  readonly stack: string;
  readonly file: string;
  /** What names on the hosts begin or end with: `shop-production`. */
  readonly app: string;
  /** The version that a release gets, as far as the files say it; null: that of the commit that is built, or the image's digest. */
  readonly version: string | null;
  /** How containers are named, by role, accessory and job. */
  readonly containers: {
    readonly roles: Readonly<Record<string, string>>;
    readonly accessories: Readonly<Record<string, string>>;
    readonly jobs: Readonly<Record<string, string>>;
  };
  readonly config: unknown;
}

const SECRET = "[secret]";

/** Pure. */
export function reportConfig({ stack, file, config, secrets }: Understood): ConfigReport {
  const version = versionIn(config);
  const named = <T extends { readonly name: string }>(all: readonly T[], of: (one: T) => string) =>
    Object.fromEntries(all.map((one) => [one.name, of(one)]));
  return {
    schema: 1,
    stack,
    file,
    app: appName(config),
    version,
    containers: {
      roles: named(config.roles, ({ name }) => `${prefixOf(config, name)}-${version ?? "<version>"}-<hash>`),
      accessories: named(config.accessories, ({ name, container }) => container ?? accessoryContainer(config, name)),
      jobs: named(config.jobs, ({ name }) => jobContainer(config, name)),
    },
    config: shownOf(config, new Mask(secrets), new Set(secrets)),
  };
}

function versionIn({ version, image, builder }: Config): string | null {
  if (version !== undefined) return version;
  return builder !== undefined || isLocalImage(image) ? null : (parseReference(image).tag ?? null);
}

/** Keys whose values are secret as a whole. */
const SECRETS: ReadonlySet<string> = new Set(["secrets", "keyData", "password"]);
/** Keys whose values are files, of which some are private keys. */
const FILES: ReadonlySet<string> = new Set(["content", "proxyFiles", "errorPages"]);
/** Maps with names that the user has chosen. */
const OF_USER: ReadonlySet<string> = new Set([
  ...["clear", "secret", "labels", "settings", "tmpfs", "on", "hostKeys", "args", "tags", "sysctls"],
]);

/** A value of the config, with the names of keys in a stack's file, and without what is secret. */
function shownOf(value: unknown, mask: Mask, secrets: ReadonlySet<string>, key = ""): unknown {
  if (SECRETS.has(key)) return hidden(value);
  if (FILES.has(key)) return summaryOf(value);
  // A short one is hidden where it is the whole value, and not as a part of other words.
  if (typeof value === "string") return secrets.has(value) && value !== "" ? SECRET : mask.hide(value);
  if (Array.isArray(value)) return value.map((one) => shownOf(one, mask, secrets));
  const map = value instanceof Map ? Object.fromEntries(value) : value;
  if (value instanceof Set) return [...value].map((one) => shownOf(one, mask, secrets));
  if (!isMap(map)) return value;
  const isOurs = !OF_USER.has(key);
  return Object.fromEntries(
    Object.entries(map).flatMap(([name, inner]) =>
      inner === undefined ? [] : [[isOurs ? snakeCase(name) : name, shownOf(inner, mask, secrets, isOurs ? name : "")]],
    ),
  );
}

/** The names, and that each has a value. */
function hidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidden);
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hidden(inner)])) : SECRET;
}

function summaryOf(value: unknown): unknown {
  if (typeof value === "string") return `[${Buffer.byteLength(value)} bytes]`;
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, summaryOf(inner)])) : value;
}
