import { z } from "zod";
import type { Deadline } from "../core/deadline.ts";
import type { Registry } from "../core/registry.ts";
import { parseJson } from "../core/text.ts";
import { openManifest } from "./digest.ts";
import { body } from "./repository.ts";

const Index = z.object({ manifests: z.array(z.object({ digest: z.string() })) });

/** The digests of the images that an index lists; empty for an image of one platform. */
export async function listedIn(image: string, login: Registry | undefined, deadline: Deadline): Promise<string[]> {
  const { answer } = await openManifest(image, "GET", login, deadline);
  const index = Index.safeParse(parseJson(await body(answer, image)));
  return index.success ? index.data.manifests.map(({ digest }) => digest) : [];
}
