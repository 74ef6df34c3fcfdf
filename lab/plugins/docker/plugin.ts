import type { Plugin } from "../kind.ts";
import { image } from "./image.ts";

/** A fake `pulumi-resource-docker`: its `Image`, built and pushed by the CLI. The real one speaks to the engine itself. */
export const docker = (version: string): Plugin => ({
  version,
  kinds: { "docker:index/image:Image": image },
  configure: () => {},
  invoke: async (token) => {
    throw new Error(`the lab's fake plugin does not support ${token}`);
  },
});
