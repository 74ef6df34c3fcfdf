import { PassThrough } from "node:stream";
import { Deadline } from "../../core/deadline.ts";
import type { EngineImage } from "../../core/engine-image.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import { addImageTar, type ImageStore, type StoredImage } from "../../registry/index.ts";
import { type DockerResult, docker } from "../docker-command.ts";
import { AGAIN, notSaved, placeOf } from "./faults.ts";
import type { Asking } from "./look.ts";

/** For an engine on another machine, behind a slow line. */
const TIMEOUT: Seconds = 3600;
const BUFFER: Bytes = 1024 * 1024;

/**
 * Brings an image of the engine into the store, through a pipe: only what the store lacks is written to the disk.
 *
 * @param id what the name meant when it was looked up. By name, Docker before 25 saves all tags of a repository
 */
export async function saveImage(
  id: string,
  image: EngineImage,
  store: ImageStore,
  { env, signal }: Asking,
): Promise<StoredImage> {
  const content = new PassThrough({ highWaterMark: BUFFER });
  let saving: Promise<DockerResult> | undefined;
  const start = () => {
    saving = docker(["save", id], { env, signal, deadline: Deadline.in(TIMEOUT), out: content });
    // Its failure is also one of the stream.
    saving.catch(() => {});
    return content;
  };
  try {
    return await addImageTar({ path: placeOf(image), again: AGAIN }, start, store);
  } catch (thrown) {
    // A stream that ended before its time is Docker's fault; one that was still being written is not.
    const isOurs = !content.writableEnded;
    content.destroy();
    const saved = await saving;
    throw isOurs || saved === undefined || saved.code === 0 ? thrown : notSaved(image, saved.stderr);
  }
}
