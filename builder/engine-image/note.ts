import { createHash } from "node:crypto";
import { z } from "zod";
import type { EngineImage } from "../../core/engine-image.ts";
import { parseJson } from "../../core/text.ts";
import type { ImageStore } from "../../registry/index.ts";

/** What was read under a name, the last one first. */
const Notes = z.array(z.object({ mark: z.string(), digest: z.string() }));

/** A tag that goes back to an earlier image is not read again. */
const KEPT = 20;

const nameOf = ({ name }: EngineImage): string => `engine-${createHash("sha256").update(name).digest("hex").slice(0, 32)}.json`;

async function notesOf(store: ImageStore, image: EngineImage): Promise<z.infer<typeof Notes>> {
  return Notes.safeParse(parseJson((await store.noted(nameOf(image))) ?? "")).data ?? [];
}

/** The digest under which the image with this mark is in the store, if it was read on this machine. */
export const notedAs = async (store: ImageStore, image: EngineImage, mark: string): Promise<string | undefined> =>
  (await notesOf(store, image)).find((note) => note.mark === mark)?.digest;

export async function note(store: ImageStore, image: EngineImage, mark: string, digest: string): Promise<void> {
  const others = (await notesOf(store, image)).filter((noted) => noted.mark !== mark);
  await store.note(nameOf(image), JSON.stringify([{ mark, digest }, ...others].slice(0, KEPT)));
}
