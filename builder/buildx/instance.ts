import { createHash } from "node:crypto";
import type { Builder } from "../../core/builder.ts";
import type { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { docker } from "../docker-command.ts";
import type { Tools } from "./tools.ts";

/** A builder of buildx, and whether the result of its builds can be a layout. */
export interface Instance {
  /** `undefined`: the one that is selected. */
  readonly name: string | undefined;
  readonly result: "layout" | "engine";
}

/** How much of its own cache a builder of ours keeps. */
const KEPT = "20000";

/** Which builder a build takes. Pure. */
export function instanceFor(
  { driver, remote, platforms }: Builder,
  { selected, store }: Tools,
): Instance & { readonly own: boolean } {
  if (remote !== undefined) return { name: ownName(remote), result: "layout", own: true };
  if (driver === "docker-container") return { name: ownName(""), result: "layout", own: true };
  const isEngine = driver === "docker" || selected === "docker";
  if (!isEngine) return { name: undefined, result: "layout", own: false };
  // Docker's own layers are of one platform, and cannot be exported as they were built.
  if (store === "layers" && platforms.length > 1) return { name: ownName(""), result: "layout", own: true };
  return {
    name: selected === "docker" ? undefined : "default",
    result: store === "containerd" ? "layout" : "engine",
    own: false,
  };
}

const ownName = (remote: string): string =>
  remote === "" ? "slipway" : `slipway-${createHash("sha256").update(remote).digest("hex").slice(0, 8)}`;

/** Makes a builder of ours, if it is not there yet. */
export async function ensureInstance(
  name: string,
  { remote }: Builder,
  env: NodeJS.ProcessEnv,
  deadline: Deadline,
): Promise<void> {
  const known = await docker(["buildx", "inspect", name], { env, deadline });
  if (known.code === 0) return;
  const made = await docker(
    [
      ...["buildx", "create", "--name", name, "--driver", "docker-container"],
      ...["--buildkitd-flags", `--oci-worker-gc --oci-worker-gc-keepstorage ${KEPT}`],
      ...imageOption(env),
      ...(remote === undefined ? [] : [remote]),
    ],
    { env, deadline },
  );
  // Another run may have made it meanwhile.
  if (made.code === 0 || (await docker(["buildx", "inspect", name], { env, deadline })).code === 0) return;
  throw new SlipwayError({
    code: "BUILD_FAILED",
    what: `docker buildx could not make the builder ${name}`,
    evidence: made.stderr.split("\n").filter((line) => line.trim() !== ""),
    servesNow: NOTHING_TOUCHED,
    next:
      remote === undefined
        ? "see that docker buildx create --driver docker-container works, then run the command again"
        : `see that docker -H ${remote} info works from here, then run the command again`,
  });
}

/** Where BuildKit's own image cannot be pulled from Docker Hub. */
const imageOption = ({ SLIPWAY_BUILDKIT_IMAGE: image }: NodeJS.ProcessEnv): string[] =>
  image === undefined || image === "" ? [] : ["--driver-opt", `image=${image}`];
