import { messageOf, SlipwayError } from "../../core/error.ts";
import { parseReference, pinned } from "../../core/image-reference.ts";
import type { Registry } from "../../core/registry.ts";
import { DockerRefusal, type Host, type Hosts } from "../../hosts/index.ts";
import { resolveDigest } from "../../registry/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";

/** An image that Slipway runs beside the app: kamal-proxy, the scheduler. */
export interface OwnImage {
  /** As declared. */
  readonly image: string;
  /** Of any registry: that of another one is not sent. */
  readonly registry?: Registry | undefined;
  /** What it is for, for the error: `the scheduler of backups and jobs`. */
  readonly of: string;
  /** Where it is written: `slipway:schedule.image`. */
  readonly key: string;
  /** What helps where no registry can be asked: `write a digest: slipway:schedule.image: node@sha256:…`. */
  readonly otherwise: string;
  readonly servesNow: string;
}

type Resolve = typeof resolveDigest;

/** By the hosts of a run, so that all of them get the same image, and the registry is asked once. */
const asked = new WeakMap<Hosts, Map<string, Promise<string>>>();

/**
 * The digest that a tag means now; empty for an image that is in no registry but on the host. This machine asks, once in a run: a host
 * must not choose what the others run. Where only the host reaches the registry, its Docker answers for itself.
 */
export async function digestNow(
  own: OwnImage,
  host: Host,
  run: Pick<Run, "hosts">,
  resolve: Resolve = resolveDigest,
): Promise<string> {
  const { image, registry } = own;
  const { digest } = parseReference(image);
  if (digest !== undefined) return digest;
  try {
    return await askOnce(own, run, resolve);
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    const there = await host.docker.distribution(image, registry).catch((refused: unknown) => {
      if (refused instanceof DockerRefusal) return { digest: "", because: refused.message };
      throw refused;
    });
    if (there !== undefined && there.digest !== "") return there.digest;
    if ((await host.docker.image(image)) !== undefined) return "";
    const because = there !== undefined && "because" in there ? there.because : "the registry does not have it";
    throw unknownTag(own, thrown, because, host);
  }
}

async function askOnce({ image, registry }: OwnImage, { hosts }: Pick<Run, "hosts">, resolve: Resolve): Promise<string> {
  const known = asked.get(hosts) ?? new Map<string, Promise<string>>();
  asked.set(hosts, known);
  const answer = known.get(image) ?? resolve(image, registry);
  known.set(image, answer);
  return answer;
}

/** @returns the reference to create a container from: by digest if there is one */
export const pinnedImage = (image: string, digest: string): string =>
  digest === "" ? image : pinned(parseReference(image), digest);

/** Pulls it unless it is there. */
export async function pullOwn(own: OwnImage, ref: string, host: Host, { report }: Pick<Run, "report">): Promise<void> {
  if ((await host.docker.image(ref)) !== undefined) return;
  report.status(`pull ${own.image}`);
  await host.docker.pull(ref, own.registry).catch((thrown: unknown) => {
    if (isExplained(thrown)) throw thrown;
    throw new SlipwayError(
      {
        code: "PULL_FAILED",
        what: `the image ${own.image} of ${own.of} could not be pulled`,
        host: host.name,
        evidence: [messageOf(thrown)],
        servesNow: own.servesNow,
        next: `check that ${host.name} can reach that registry, or name one that it can reach in ${own.key}, then run pulumi up again`,
      },
      { cause: thrown },
    );
  });
}

/** The digest of an image on a host, by which its repository was pulled; `undefined` if it was built or loaded there. */
export async function digestThere(image: string, id: string, { docker }: Host): Promise<string | undefined> {
  const name = pinned(parseReference(image), "");
  const found = (await docker.image(id))?.digests.find((digest) => digest.startsWith(name));
  return found?.slice(name.length);
}

const unknownTag = (
  { image, of, key, otherwise, servesNow }: OwnImage,
  thrown: SlipwayError,
  there: string,
  host: Host,
): SlipwayError =>
  new SlipwayError(
    {
      code: thrown.story.code,
      what: `the image ${image} of ${of} could not be looked up`,
      host: host.name,
      evidence: [`this machine: ${[thrown.story.what, ...(thrown.story.evidence ?? [])].join(": ")}`, `${host.name}: ${there}`],
      servesNow,
      next: `check ${key}, whether its registry needs a login, and that this machine or ${host.name} reaches it; or ${otherwise}; then run pulumi up again`,
    },
    { cause: thrown },
  );
