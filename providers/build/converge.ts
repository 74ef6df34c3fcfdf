import { createHash } from "node:crypto";
import { buildImage, pathsOf, readContext, rememberBuild } from "../../builder/index.ts";
import type { BuiltImage } from "../../core/build.ts";
import { decisive } from "../../core/builder.ts";
import { Mask } from "../../core/mask.ts";
import { storedReference } from "../../core/stored-image.ts";
import { canonical } from "../../core/values.ts";
import { type ImageStore, identityOf, type StoredImage } from "../../registry/index.ts";
import { ownProject, ownStore } from "../container/own-store.ts";
import type { Run } from "../pulumi/provider.ts";
import { ticking } from "../steps/ticking.ts";
import type { BuildInputs } from "./inputs.ts";

/** As much of a digest as people compare. */
const SHORT = "sha256:".length + 12;

/** Builds the image, unless this machine has already built the same for another stack. */
export async function converge(inputs: BuildInputs, run: Run): Promise<BuiltImage> {
  const { service, builder, __facts: facts } = inputs;
  const [store, project] = [ownStore(), ownProject()];
  const platforms = builder.platforms.length > 0 ? builder.platforms : await platformsOf(inputs, run);
  const note = noteName(inputs, platforms);
  const before = await store.noted(note);
  const known = before === undefined ? undefined : await store.find(before);
  const { repository } = storedReference(service);
  const image = known ?? (await build(inputs, platforms, store, run));
  if (known !== undefined) run.report.say(`${repository} ${facts.version} was built before: ${nameOf(image, repository)}`);
  const paths = pathsOf(builder, project);
  // Files that were edited meanwhile may be in it or not: the next run builds again.
  const after = readContext(paths.context, paths.dockerfile);
  const isSame = after.hash === facts.content;
  if (isSame) {
    await store.note(note, image.root.digest);
    rememberBuild({ project, service, destination: inputs.destination }, after);
  }
  const content = isSame ? facts.content : "";
  return { version: facts.version, content, digest: image.root.digest, identity: identityOf(image) };
}

async function build(inputs: BuildInputs, platforms: readonly string[], store: ImageStore, run: Run): Promise<StoredImage> {
  const { service, builder, secrets, __facts: facts } = inputs;
  const { repository } = storedReference(service);
  const began = performance.now();
  let step = "";
  const request = {
    builder,
    project: ownProject(),
    repository,
    platforms,
    secrets,
    mask: new Mask(Object.values(secrets)),
    env: process.env,
    signal: run.cancelled,
    say: (line: string) => run.report.say(line),
    status: (now: string) => {
      step = now;
    },
  };
  run.report.status(`build ${repository} ${facts.version}`);
  const show = (age: number) => run.report.status(step === "" ? `build, ${age} s` : `build ${step}, ${age} s`);
  const { image, steps, cached } = await ticking(show, buildImage(request, store));
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const reused = cached === 0 ? "" : `, ${cached} of ${steps} steps from the cache`;
  run.report.say(`built ${nameOf(image, repository)} in ${seconds} s${reused}`);
  await store.collect();
  return image;
}

/** The CPUs of the hosts. */
async function platformsOf({ hosts }: BuildInputs, run: Run): Promise<string[]> {
  const found = await Promise.all(Object.values(hosts).map((address) => run.hosts.at(address).docker.version()));
  return [...new Set(found.map(({ os, arch }) => `${os}/${arch}`))].sort();
}

const noteName = ({ builder, __facts: { content } }: BuildInputs, platforms: readonly string[]): string =>
  `built-${createHash("sha256")
    .update(canonical({ ...decisive(builder), platforms, content }))
    .digest("hex")}`;

const nameOf = ({ root }: StoredImage, repository: string): string => `${repository}@${root.digest.slice(0, SHORT)}`;
