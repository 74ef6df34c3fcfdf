import { createHash } from "node:crypto";
import type { Builder } from "../../core/builder.ts";
import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { linesOf } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import { docker } from "../docker-command.ts";
import { APP_UNCHANGED } from "../unchanged.ts";
import type { Tools } from "./tools.ts";

/** A builder of buildx, and whether the result of its builds can be a layout. */
export type Instance =
  /** The user's. Without a name it is the one that is selected. */
  | { readonly own: false; readonly name: "default" | undefined; readonly result: "layout" | "engine" }
  /** Slipway's, which may have to be made. */
  | { readonly own: true; readonly name: string; readonly result: "layout" };

/** How much of its own cache a builder of ours keeps. */
const KEPT = "20000";

/** Which builder a build takes. Pure. @param platforms those that it is built for */
export function instanceFor(
  { driver, remote }: Pick<Builder, "driver" | "remote">,
  platforms: readonly string[],
  { selected, store }: Tools,
): Instance {
  if (remote !== undefined || driver === "docker-container") return ours(remote);
  if (driver !== "docker" && selected !== "docker") return { name: undefined, result: "layout", own: false };
  // Docker's own layers are of one platform, and cannot be exported as they were built.
  if (store === "layers" && platforms.length > 1) return ours(undefined);
  const name = selected === "docker" ? undefined : "default";
  return { name, result: store === "containerd" ? "layout" : "engine", own: false };
}

/** One for this machine, and one for each other. */
function ours(remote: string | undefined): Instance {
  const suffix = remote === undefined ? "" : `-${createHash("sha256").update(remote).digest("hex").slice(0, 8)}`;
  return { name: `slipway${suffix}`, result: "layout", own: true };
}

/** To make a builder starts nothing yet, but another machine may not answer. */
const MAKING: Seconds = 60;

/** Makes a builder of ours, if it is not there yet. */
export async function ensureInstance(name: string, { remote }: Pick<Builder, "remote">, env: NodeJS.ProcessEnv): Promise<void> {
  const deadline = Deadline.in(MAKING);
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
    evidence: linesOf(made.stderr),
    servesNow: APP_UNCHANGED,
    next:
      remote === undefined
        ? "see that docker buildx create --driver docker-container works, then run the command again"
        : `see that docker -H ${remote} info works from here, then run the command again`,
  });
}

/** Where BuildKit's own image cannot be pulled from Docker Hub. */
const imageOption = ({ SLIPWAY_BUILDKIT_IMAGE: image }: NodeJS.ProcessEnv): string[] =>
  image === undefined || image === "" ? [] : ["--driver-opt", `image=${image}`];
