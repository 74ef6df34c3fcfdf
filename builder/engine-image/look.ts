import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import type { EngineImage } from "../../core/engine-image.ts";
import { parseJson } from "../../core/text.ts";
import { stableHash } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { type DockerResult, docker } from "../docker-command.ts";
import { noDocker, noEngine, noImage, notInspected } from "./faults.ts";

/** Where the engine is, and until when its answer is waited for. */
export interface Asking {
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** What the engine has under a name. */
export interface Seen {
  /** Under which it can be saved, even if the name moves meanwhile. */
  readonly id: string;
  /** The same for all images with the same content. */
  readonly mark: string;
}

/** The part of `docker image inspect` that says what an image is, not where and since when the engine has it. */
const Inspected = z.object({
  Id: z.string().min(1),
  Created: z.string().nullish(),
  Author: z.string().nullish(),
  Os: z.string().nullish(),
  Architecture: z.string().nullish(),
  Variant: z.string().nullish(),
  Config: z.record(z.string(), z.unknown()).nullish(),
  RootFS: z.object({ Layers: z.array(z.string()).nullish() }).nullish(),
});

/** An engine in a virtual machine may have to wake up first. */
const TIMEOUT: Seconds = 30;

/** Asks the engine what it has under a name, by one process. Rejects with a `SlipwayError` if that is nothing. */
export async function lookUp(image: EngineImage, asking: Asking): Promise<Seen> {
  const deadline = Deadline.in(TIMEOUT);
  const { code, stdout, stderr } = await ask(["image", "inspect", "--format", "{{json .}}", image.name], asking, deadline);
  const read = Inspected.safeParse(parseJson(stdout));
  if (code === 0 && read.success) return { id: read.data.Id, mark: markOf(read.data) };
  const names = await listNames(asking, deadline);
  throw names.includes(image.name) ? notInspected(image, stderr) : noImage(image, names, asking.env);
}

/**
 * In containerd's store the id is the digest of an index, which has statements about the build: it differs after a build that took everything
 * from its cache. An image of which the engine does not know the layers is not complete, and is recognized by nothing but its id.
 */
function markOf({ Id, RootFS, ...content }: z.infer<typeof Inspected>): string {
  const layers = RootFS?.Layers ?? [];
  return layers.length === 0 ? Id : stableHash([content, layers]);
}

/** Asked only to explain that an image is missing: an engine that does not answer here either has no images to speak of. */
async function listNames(asking: Asking, deadline: Deadline): Promise<string[]> {
  const { code, stdout, stderr } = await ask(["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"], asking, deadline);
  if (code !== 0) throw noEngine(stderr, asking.env);
  return stdout.split("\n").filter((name) => name !== "" && !name.includes("<none>"));
}

async function ask(args: readonly string[], { env, signal }: Asking, deadline: Deadline): Promise<DockerResult> {
  const result = await docker(args, { env, signal, deadline }).catch((thrown: unknown) => {
    if (!deadline.passed) throw thrown;
    throw noEngine(`no answer in ${TIMEOUT} s`, env);
  });
  if (result.code === "missing") throw noDocker();
  return result;
}
