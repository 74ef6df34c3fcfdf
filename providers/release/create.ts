import { Deadline } from "../../core/deadline.ts";
import { isStored } from "../../core/stored-image.ts";
import type { ContainerName } from "../../core/words.ts";
import { type CreateBody, DockerRefusal, type Host } from "../../hosts/index.ts";
import { imageToRun } from "../container/stored-image.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { authOf } from "./preflight.ts";

const NO_SUCH_IMAGE = 404;

/** The image was there before the lease; a run of another app of the same repository may have removed it as unused since. */
export async function createContainer(
  host: Host,
  { container, image, body }: { readonly container: ContainerName; readonly image: string; readonly body: CreateBody },
  inputs: ReleaseInputs,
): Promise<{ id: string }> {
  const { docker } = host;
  if (isStored(image)) return docker.create(container, { ...body, Image: await imageToRun(host, image) });
  return docker.create(container, body).catch(async (thrown: unknown) => {
    if (!(thrown instanceof DockerRefusal) || thrown.statusCode !== NO_SUCH_IMAGE) throw thrown;
    await docker.pull(image, authOf(inputs), { deadline: Deadline.in(inputs.deployTimeout) });
    return docker.create(container, body);
  });
}
