import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { Builder } from "../core/builder.ts";
import { Deadline } from "../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import type { Mask } from "../core/mask.ts";
import { STORE } from "../core/stored-image.ts";
import { parseJson } from "../core/text.ts";
import type { Seconds } from "../core/words.ts";
import { addImageFile, type ImageStore, type StoredImage } from "../registry/index.ts";
import { type Build, buildArguments, secretVariable } from "./buildx/arguments.ts";
import { ensureInstance, instanceFor } from "./buildx/instance.ts";
import { BuildProgress } from "./buildx/progress.ts";
import { findTools } from "./buildx/tools.ts";
import { docker } from "./docker-command.ts";

/** A build, as a run needs it. */
export interface BuildRequest {
  readonly builder: Builder;
  /** The project's folder: paths are relative to it. */
  readonly project: string;
  /** What the image is called in the engine that builds it, where it stays in one. */
  readonly repository: string;
  readonly platforms: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly mask: Mask;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  /** Called with what is worth a line. */
  readonly say: (line: string) => void;
  /** Called when a step has begun. */
  readonly status: (step: string) => void;
}

/** What a build has made. */
export interface Built {
  readonly image: StoredImage;
  /** Of the Dockerfile, and how many of them had been done before. */
  readonly steps: number;
  readonly cached: number;
}

/** A build has no end of its own: a step may wait for what never comes. */
const TIMEOUT: Seconds = 3 * 3600;

/** Absolute paths of what a builder names. */
export function pathsOf({ context, dockerfile }: Pick<Builder, "context" | "dockerfile">, project: string) {
  const folder = resolve(project, context);
  return { context: folder, dockerfile: dockerfile === undefined ? join(folder, "Dockerfile") : resolve(project, dockerfile) };
}

/** Builds an image by `docker buildx`, and brings it into the store. Rejects with the step that has failed, and its last lines. */
export async function buildImage(request: BuildRequest, store: ImageStore): Promise<Built> {
  const { builder, env } = request;
  const deadline = Deadline.in(TIMEOUT);
  const { name, result, own } = instanceFor(builder, await findTools(env));
  if (own && name !== undefined) await ensureInstance(name, builder, env, deadline);
  const folder = join(store.folder, "builds", randomUUID());
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await buildInto(folder, { ...request, instance: name, result, deadline }, store);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Way {
  readonly instance: string | undefined;
  readonly result: "layout" | "engine";
  readonly deadline: Deadline;
}

async function buildInto(folder: string, request: BuildRequest & Way, store: ImageStore): Promise<Built> {
  const { builder, project, repository, platforms, instance, result, deadline, env, signal } = request;
  const metadata = join(folder, "metadata.json");
  const name = `${STORE}/${repository}:built`;
  const layout = join(folder, "layout");
  if (result === "layout") await sharingBlobs(layout, store);
  const output: Build["output"] = result === "layout" ? { to: "layout", folder: layout } : { to: "engine", name };
  const args = buildArguments({ builder, ...pathsOf(builder, project), output, instance, platforms, metadata });
  const progress = await run(args, request);
  const { steps, cached } = progress.counts;
  if (result === "layout")
    return { image: await addImageFile({ path: "the build", name: await digestIn(metadata) }, layout, store), steps, cached };
  const saved = join(folder, "image.tar");
  const save = await docker(["save", "--output", saved, name], { env, signal, deadline });
  if (save.code !== 0) throw failed("docker save of the image that was built", save.stderr.split("\n"));
  return { image: await addImageFile({ path: "the build", name }, saved, store), steps, cached };
}

/** An index of its own, since others may build at the same time, and the blobs of the store: those that are there are not written again. */
async function sharingBlobs(layout: string, store: ImageStore): Promise<void> {
  const blobs = join(store.folder, "blobs");
  await mkdir(join(blobs, "sha256"), { recursive: true, mode: 0o700 });
  await mkdir(layout, { mode: 0o700 });
  await symlink(blobs, join(layout, "blobs"));
}

async function run(args: readonly string[], request: BuildRequest & Way): Promise<BuildProgress> {
  const { builder, secrets, env, project, signal, deadline, mask, say, status } = request;
  const progress = new BuildProgress();
  const hidden = Object.fromEntries(builder.secrets.map((name) => [secretVariable(name), secrets[name]]));
  const line = (raw: string) => {
    const ended = progress.line(mask.hide(raw));
    if (ended !== undefined) say(ended);
    const { now } = progress;
    if (now !== undefined) status(now);
  };
  const { code } = await docker(args, { env: { ...env, ...hidden }, cwd: project, signal, deadline, line });
  if (code === 0) return progress;
  const { step, lines } = progress.failure;
  throw failed(step, lines);
}

/** What buildx writes beside a build. The digest is that of the layout's only image. */
const Metadata = z.object({ "containerimage.digest": z.string() });

async function digestIn(metadata: string): Promise<string> {
  return Metadata.parse(parseJson(await readFile(metadata, "utf8")))["containerimage.digest"];
}

const failed = (step: string | undefined, lines: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "BUILD_FAILED",
    what: step === undefined ? "the image could not be built" : `the image could not be built: ${step}`,
    evidence: lines.filter((line) => line.trim() !== ""),
    servesNow: NOTHING_TOUCHED,
    next: "correct the Dockerfile or what it needs, then run the command again",
  });
