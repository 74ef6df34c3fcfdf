import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Builder } from "../core/builder.ts";
import { Deadline } from "../core/deadline.ts";
import { SlipwayError } from "../core/error.ts";
import type { Mask } from "../core/mask.ts";
import type { Registry } from "../core/registry.ts";
import { parseJson } from "../core/text.ts";
import type { Seconds } from "../core/words.ts";
import { addImageFile, type ImageStore, type StoredImage } from "../registry/index.ts";
import { type Build, buildArguments, secretVariable } from "./buildx/arguments.ts";
import { ensureInstance, type Instance, instanceFor } from "./buildx/instance.ts";
import { type BuildFailure, BuildProgress } from "./buildx/progress.ts";
import { findTools } from "./buildx/tools.ts";
import { ignoreText } from "./context/ignore-file.ts";
import { docker } from "./docker-command.ts";
import { loggedIn } from "./docker-login.ts";
import { saveImage } from "./engine-image/save.ts";
import { readCommit } from "./git/committed.ts";
import { exportCommit } from "./git/export.ts";
import { type Place, placeOf } from "./place.ts";
import { TemporaryFolder } from "./temporary-folder.ts";
import { APP_UNCHANGED } from "./unchanged.ts";

/** A build, as a run needs it. */
export interface BuildRequest {
  readonly builder: Builder;
  /** The project's folder: paths are relative to it. */
  readonly project: string;
  /** `linux/amd64` */
  readonly platforms: readonly string[];
  /** Values of the secrets that the builder names. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly mask: Mask;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  /** Called with what is worth a line. */
  readonly say: (line: string) => void;
  /** Called when a step has begun. */
  readonly status: (step: string) => void;
}

/** How a build went. */
export interface Built {
  /** Of the Dockerfile, and how many of them had been done before. */
  readonly steps: number;
  readonly cached: number;
}

/** A build has no end of its own: a step may wait for what never comes. */
const TIMEOUT: Seconds = 3 * 3600;

/**
 * Builds an image by `docker buildx`, and brings it into the store. Rejects with the step that has failed, and its last lines.
 *
 * @param name what it is called in an engine that cannot export what it builds
 */
export async function buildImage(
  request: BuildRequest,
  name: string,
  store: ImageStore,
): Promise<Built & { readonly stored: StoredImage }> {
  const { env, signal } = request;
  const instance = await instanceOf(request);
  await using folder = await TemporaryFolder.in(join(store.folder, "builds"));
  const layout = folder.file("layout");
  if (instance.result === "layout") {
    await sharingBlobs(layout, store);
    const { digest, ...built } = await run(request, instance, folder, { to: "layout", folder: layout });
    return { ...built, stored: await addImageFile({ path: "the build", name: digest }, layout, store) };
  }
  // By its id: another build may have the name by now.
  const { digest: id, ...built } = await run(request, instance, folder, { to: "engine", name });
  return { ...built, stored: await saveImage(id, { name }, store, { env, signal }) };
}

/**
 * Builds an image by `docker buildx`, and pushes it. Rejects with the step that has failed, and its last lines.
 *
 * @param name with its tag
 * @param login `undefined`: that of this machine's Docker
 */
export async function pushImage(
  request: BuildRequest,
  name: string,
  login: Registry | undefined,
): Promise<Built & { readonly digest: string }> {
  await using folder = await TemporaryFolder.in(tmpdir());
  const env = login === undefined ? request.env : await loggedIn(login, request.env, folder.file("docker"));
  const own = { ...request, env };
  // Awaited here: the folder goes when this returns.
  return await run(own, await instanceOf(own), folder, { to: "registry", name });
}

async function instanceOf({ builder, platforms, env }: BuildRequest): Promise<Instance> {
  const tools = await findTools(env, { isEngineNeeded: builder.remote === undefined });
  const instance = instanceFor(builder, platforms, tools);
  if (instance.own) await ensureInstance(instance.name, builder, env);
  return instance;
}

/** An index of its own, since others may build at the same time, and the blobs of the store: those that are there are not written again. */
async function sharingBlobs(layout: string, store: ImageStore): Promise<void> {
  const blobs = join(store.folder, "blobs");
  await mkdir(join(blobs, "sha256"), { recursive: true, mode: 0o700 });
  await mkdir(layout, { mode: 0o700 });
  await symlink(blobs, join(layout, "blobs"));
}

async function run(
  request: BuildRequest,
  { name: instance }: Instance,
  folder: TemporaryFolder,
  output: Build["output"],
): Promise<Built & { readonly digest: string }> {
  const { builder, secrets, env, project, platforms, signal, mask, say, status } = request;
  const metadata = folder.file("metadata.json");
  const { context, ...files } = await filesOf(builder, placeOf(builder, project), folder);
  const dockerfile = await withOwnIgnoreFile(files, folder);
  const args = buildArguments({ builder, context, dockerfile, output, instance, platforms, metadata });
  const progress = new BuildProgress();
  const hidden = Object.fromEntries(builder.secrets.map((name) => [secretVariable(name), secrets[name]]));
  const line = (raw: string) => {
    const ended = progress.line(mask.hide(raw));
    if (ended !== undefined) say(ended);
    const { now } = progress;
    if (now !== undefined) status(now);
  };
  const deadline = Deadline.in(TIMEOUT);
  const { code } = await docker(args, { env: { ...env, ...hidden }, cwd: project, signal, deadline, line }).catch(
    (thrown: unknown) => {
      throw deadline.passed ? failed({ step: progress.now, lines: [`it did not end in ${TIMEOUT / 3600} hours`] }) : thrown;
    },
  );
  if (code !== 0) throw failed(progress.failure);
  return { ...progress.counts, digest: Metadata.parse(parseJson(await readFile(metadata, "utf8")))["containerimage.digest"] };
}

/** Where BuildKit finds the files of a build, and what it leaves out. */
interface BuildFiles {
  readonly context: string;
  readonly dockerfile: string;
  readonly ignored: string;
}

/** The user's folder as it is, or an export of its commit. */
async function filesOf({ clean }: Builder, place: Place, folder: TemporaryFolder): Promise<BuildFiles> {
  if (clean === undefined) return { ...place, ignored: ignoreText(place) };
  const committed = await readCommit(place);
  return { ...(await exportCommit(committed, folder.file("commit"))), ignored: committed.ignoreText };
}

/** BuildKit reads the ignore file beside a Dockerfile, so that both are where nothing of the user's is written over. */
async function withOwnIgnoreFile(files: Omit<BuildFiles, "context">, folder: TemporaryFolder): Promise<string> {
  const dockerfile = folder.file("Dockerfile");
  await copyFile(files.dockerfile, dockerfile);
  await writeFile(`${dockerfile}.dockerignore`, files.ignored);
  return dockerfile;
}

/** What buildx writes beside a build: the digest of its result. */
const Metadata = z.object({ "containerimage.digest": z.string() });

const DENIED = /\b(?:denied|unauthorized|401|403|no basic auth credentials|authorization failed)\b/i;

function failed({ step, lines }: BuildFailure): SlipwayError {
  const isDenied =
    lines.some((line) => line.startsWith("ERROR: ") && DENIED.test(line)) && /push|load metadata/.test(step ?? "push");
  return new SlipwayError({
    code: isDenied ? "REGISTRY_DENIED" : "BUILD_FAILED",
    what: step === undefined ? "the image could not be built" : `the image could not be built: ${step}`,
    evidence: lines,
    servesNow: APP_UNCHANGED,
    next: isDenied
      ? "set slipway:registry to a login that may do this, or log in by docker login; then run the command again"
      : "correct the Dockerfile or what it needs, then run the command again",
  });
}
