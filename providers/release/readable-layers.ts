import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Registry } from "../../core/registry.ts";
import { plainName } from "../../core/stored-image.ts";
import { isOlder } from "../../core/version.ts";
import type { Host } from "../../hosts/index.ts";
import { resolveLayerTypes } from "../../registry/index.ts";
import type { Ready } from "./ready.ts";

interface Engine {
  readonly engine: string;
  readonly arch: string;
}

/** Before, Docker fails after it has downloaded the layer: `archive/tar: invalid tar header`. */
const OLDEST_WITH_ZSTD = "23.0";

/** Whether an engine reads gzip alone. containerd's store reads everything. */
const readsGzipAlone = ({ engine }: Engine, store: Ready["info"]["store"]): boolean =>
  store === "layers" && isOlder(engine, OLDEST_WITH_ZSTD);

/** Refuses layers that the host's Docker would download and then could not read. */
export function requireReadable(
  image: string,
  mediaTypes: readonly string[],
  host: Host,
  engine: Engine,
  { store }: Pick<Ready["info"], "store">,
): void {
  if (readsGzipAlone(engine, store) && mediaTypes.some((type) => type.endsWith("+zstd"))) throw tooNew(image, host, engine);
}

/**
 * The same for an image in a registry. Docker itself says nothing of layers before it pulls them, so this machine asks, and only for an
 * engine that cannot read all. If it cannot reach the registry, the host decides.
 */
export async function requireReadableInRegistry(
  image: string,
  host: Host,
  engine: Engine,
  info: Pick<Ready["info"], "store">,
  registry: Registry | undefined,
): Promise<void> {
  if (!readsGzipAlone(engine, info.store)) return;
  const types = await resolveLayerTypes(image, engine.arch, registry).catch((thrown: unknown) => {
    if (thrown instanceof SlipwayError) return [];
    throw thrown;
  });
  requireReadable(image, types, host, engine, info);
}

const tooNew = (image: string, host: Host, { engine }: Engine): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_WRONG_PLATFORM",
    what: `the image has layers that are compressed with zstd, which Docker ${engine} cannot read`,
    host: host.name,
    evidence: [plainName(image)],
    servesNow: NOTHING_TOUCHED,
    next: `build it with gzip (docker buildx build --output …,compression=gzip,force-compression=true), or upgrade Docker on ${host.name}, then run pulumi up again`,
  });
