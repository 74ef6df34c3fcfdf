import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { pulumi, stackArguments } from "../../project/pulumi.ts";

/** What a stack's file has to have so that Pulumi encrypts for that stack. */
const Keys = z.object({
  encryptionsalt: z.string().optional(),
  secretsprovider: z.string().optional(),
  encryptedkey: z.string().optional(),
});
const Sealed = z.object({ config: z.object({ "slipway:sealed": z.object({ secure: z.string() }) }) });

/** An encrypted text, as a stack's file has it. */
export type Sealed = { readonly secure: string };

/**
 * Encrypts every text in a value for a stack. Pulumi writes the result into a copy: it would print the whole file in its own form, with
 * other line ends and without some comments. A secret is passed on stdin, and the copy has none but the encrypted one.
 */
export async function seal(value: unknown, file: string, stack: string | undefined, folder: string): Promise<unknown> {
  if (typeof value === "string") return sealText(value, file, stack, folder);
  if (typeof value !== "object" || value === null) return value;
  const sealed: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) sealed.push([key, await seal(inner, file, stack, folder)]);
  return Array.isArray(value) ? sealed.map(([, inner]) => inner) : Object.fromEntries(sealed);
}

/** The same for one text. */
export async function sealText(text: string, file: string, stack: string | undefined, folder: string): Promise<Sealed> {
  const place = await mkdtemp(join(tmpdir(), "slipway-seal-"));
  try {
    const copy = join(place, "stack.yaml");
    await writeFile(copy, stringify(Keys.parse(parse(file) ?? {})), { mode: 0o600 });
    // Pulumi removes one newline at the end.
    const args = ["config", "set", "--secret", "slipway:sealed", "--config-file", copy, ...stackArguments(stack)];
    await pulumi(args, folder, { input: `${text}\n` });
    return Sealed.parse(parse(await readFile(copy, "utf8"))).config["slipway:sealed"];
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
