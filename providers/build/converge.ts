import { createHash } from "node:crypto";
import { type BuildRequest, type Built, buildImage, contentNow, placeOf, pushImage, rememberBuild } from "../../builder/index.ts";
import type { BuiltImage } from "../../core/build.ts";
import { decisive } from "../../core/builder.ts";
import { loginFor } from "../../core/image-reference.ts";
import { Mask } from "../../core/mask.ts";
import { isStored, plainName } from "../../core/stored-image.ts";
import { canonical } from "../../core/values.ts";
import { identityOf } from "../../registry/index.ts";
import { ownProject, ownStore } from "../container/own-store.ts";
import type { Run } from "../pulumi/provider.ts";
import { ticking } from "../steps/ticking.ts";
import type { BuildInputs } from "./inputs.ts";
import { isInRegistry } from "./look.ts";
import { preBuild } from "./pre-build.ts";

/** As much of a digest as people compare. */
const SHORT = "sha256:".length + 12;

type Image = Pick<BuiltImage, "digest" | "identity">;

/** Builds the image, unless this machine has already built the same for another stack. */
export async function converge(inputs: BuildInputs, run: Run): Promise<BuiltImage> {
  const { service, destination, name, builder, __facts: facts } = inputs;
  const [store, project] = [ownStore(), ownProject()];
  const platforms = builder.platforms.length > 0 ? builder.platforms : await platformsOf(inputs, run);
  const note = noteName(inputs, platforms);
  const image = (await builtBefore(note, inputs, run)) ?? (await build(inputs, platforms, run));
  // Files that were edited, or a commit that was made meanwhile, may be in it or not: the next run builds again.
  const after = await contentNow(builder, placeOf(builder, project));
  const isSame = after.hash === facts.content;
  if (isSame) {
    await store.note(note, image.digest);
    rememberBuild({ project, service, destination, name }, after);
  }
  return { version: facts.version, content: isSame ? facts.content : "", ...image };
}

/** The image of the same files and settings, if it is still where the hosts get it from. */
async function builtBefore(note: string, inputs: BuildInputs, { report }: Run): Promise<Image | undefined> {
  const { image, registry, __facts: facts } = inputs;
  const digest = await ownStore().noted(note);
  if (digest === undefined) return undefined;
  const found = isStored(image) ? await inStore(digest) : await inRegistry(image, digest, registry);
  if (found !== undefined) report.say(`${plainName(image)} ${facts.version} was built before: ${nameOf(image, digest)}`);
  return found;
}

async function inStore(digest: string): Promise<Image | undefined> {
  const stored = await ownStore().find(digest);
  return stored && { digest, identity: identityOf(stored) };
}

const inRegistry = async (image: string, digest: string, registry: BuildInputs["registry"]): Promise<Image | undefined> =>
  (await isInRegistry(`${image}@${digest}`, registry)) ? { digest } : undefined;

async function build(inputs: BuildInputs, platforms: readonly string[], run: Run): Promise<Image> {
  const { image, builder, secrets, registry, __facts: facts } = inputs;
  await preBuild(inputs, run);
  const began = performance.now();
  let step = "";
  const request: BuildRequest = {
    builder,
    project: ownProject(),
    platforms,
    secrets,
    mask: new Mask([...Object.values(secrets), ...(registry === undefined ? [] : [registry.password])]),
    env: process.env,
    signal: run.cancelled,
    say: (line) => run.report.say(line),
    status: (now) => {
      step = now;
    },
  };
  run.report.status(`build ${plainName(image)} ${facts.version}`);
  const show = (age: number) => run.report.status(step === "" ? `build, ${age} s` : `build ${step}, ${age} s`);
  const { steps, cached, ...made } = await ticking(
    show,
    isStored(image) ? intoStore(request, image) : pushImage(request, `${image}:${facts.version}`, loginFor(image, registry)),
  );
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const reused = cached === 0 ? "" : `, ${cached} of ${steps} steps from the cache`;
  run.report.say(`${isStored(image) ? "built" : "built and pushed"} ${nameOf(image, made.digest)} in ${seconds} s${reused}`);
  return made;
}

async function intoStore(request: BuildRequest, image: string): Promise<Image & Built> {
  const store = ownStore();
  const { stored, ...built } = await buildImage(request, `${image}:built`, store);
  await store.collect();
  return { ...built, digest: stored.root.digest, identity: identityOf(stored) };
}

/** The CPUs of the hosts. */
async function platformsOf({ hosts }: BuildInputs, run: Run): Promise<string[]> {
  const found = await Promise.all(Object.values(hosts).map((address) => run.hosts.at(address).docker.version()));
  return [...new Set(found.map(({ os, arch }) => `${os}/${arch}`))].sort();
}

function noteName({ image, builder, __facts: { content } }: BuildInputs, platforms: readonly string[]): string {
  const place = isStored(image) ? "" : image;
  const decided = canonical({ ...decisive(builder), platforms, content, place });
  return `built-${createHash("sha256").update(decided).digest("hex")}`;
}

const nameOf = (image: string, digest: string): string => `${plainName(image)}@${digest.slice(0, SHORT)}`;
